import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { root } from './root.js'
import { sitePages } from './site-pages.js'
import { stagePage, type Site } from './stage-page.js'

/** Where VitePress finds the pages. */
export const stagedPages = `${root}dist/docs-site/pages/`

/** The site of this checkout. */
export function siteOfCheckout(): Site {
  const { repository } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { repository?: { url: string } }
  return {
    pages: sitePages(root),
    read: (source) => readFileSync(root + source, 'utf8'),
    has: (path) => existsSync(root + path),
    repository: repository?.url.replace(/^git\+/, '').replace(/\.git$/, ''),
  }
}

/** Links of all pages that lead nowhere, each with its page. */
export const deadLinksOf = (site: Site): readonly string[] =>
  [...site.pages.keys()].flatMap((source) => stagePage(source, site).deadLinks.map((link) => `${source}: ${link}`))

/** Writes all pages and pictures to where VitePress finds them, those of the API apart. */
export function stage(site: Site = siteOfCheckout()): void {
  for (const [source, page] of site.pages) {
    const file = stagedPages + page
    mkdirSync(dirname(file), { recursive: true })
    const { text } = stagePage(source, site)
    // What has not changed is left alone, and not drawn anew.
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
  }
  for (const images of ['images', 'losses/images']) cpSync(`${root}docs/${images}`, stagedPages + images, { recursive: true })
}

/** Removes what an earlier build left. */
export const clearStage = (): void => rmSync(stagedPages, { recursive: true, force: true })
