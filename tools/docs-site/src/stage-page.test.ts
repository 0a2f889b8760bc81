import { describe, expect, it } from 'vitest'
import { deadLinksOf, siteOfCheckout } from './stage.js'
import { stagePage, type Site } from './stage-page.js'

const texts: Readonly<Record<string, string>> = {
  'docs/guide.md': '# Guide\n\n[`Loss`](../packages/losses) [there](#what-it-s) ![a curve](losses/images/x.svg) [code](../packages/losses/src/x.ts) `[kept](nowhere.md)`\n\n$$\\frac{1}{R}$$\n\n## What it’s',
  'docs/losses/README.md': '# Losses\n\n[guide](../guide.md#guide) [no](../none.md) [no section](../guide.md#none)',
  'packages/losses/README.md': '# Losses\n\n<img src="../../docs/images/y.png">',
}
const files = [...Object.keys(texts), 'packages/losses', 'packages/losses/src/x.ts', 'docs/losses/images/x.svg', 'docs/images/y.png']
const site: Site = {
  pages: new Map([
    ['docs/guide.md', 'guide.md'],
    ['docs/losses/README.md', 'losses/index.md'],
    ['packages/losses/README.md', 'packages/losses.md'],
  ]),
  read: (source) => texts[source]!,
  has: (path) => files.includes(path),
  repository: undefined,
}

describe('stagePage', () => {
  it('leads pages to pages, pictures to pictures, and leaves out what is not published', () => {
    const { text, deadLinks } = stagePage('docs/guide.md', site)
    expect(text).toContain('[`Loss`](packages/losses.md) ')
    expect(text).toContain('![a curve](losses/images/x.svg) code `[kept](nowhere.md)`')
    expect(text).toContain('```math\n\\frac{1}{R}\n```')
    expect(deadLinks).toEqual(['#what-it-s'])
    expect(stagePage('packages/losses/README.md', site).text).toContain('<img src="../images/y.png">')
  })

  it('leads to the repository where that is known', () => {
    expect(stagePage('docs/guide.md', { ...site, repository: 'https://host/x' }).text).toContain('[code](https://host/x/blob/main/packages/losses/src/x.ts)')
  })

  it('names links to pages and to sections that are not there', () => {
    expect(stagePage('docs/losses/README.md', site).deadLinks).toEqual(['../none.md', '../guide.md#none'])
  })
})

describe('The documentation', () => {
  it('has no link that leads nowhere', () => {
    expect(deadLinksOf(siteOfCheckout())).toEqual([])
  })
})
