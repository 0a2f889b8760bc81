import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { documentedBlocks, pagesWithCode, root } from './documented-code.js'

const blocks = documentedBlocks(pagesWithCode(), join(root, 'examples/readme/.snippets-types'))

describe('The code of the documentation', () => {
  it('is found on all kinds of pages', () => {
    const pages = new Set(blocks.map(({ page }) => page))
    expect([...pages]).toEqual(expect.arrayContaining(['README.md', 'docs/errors.md', 'docs/first-hour/train.md', 'docs/losses/ArcFaceLoss.md', 'plugins/losses/README.md']))
  })

  it('has the types that the packages have, on every page', () => {
    const mistakes = blocks.flatMap(({ page, number, mistakes }) => mistakes.map((mistake) => `${page}, block ${number}: ${mistake}`))
    expect(mistakes).toEqual([])
  })
}, 240_000)
