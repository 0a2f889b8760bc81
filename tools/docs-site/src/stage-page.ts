import { posix } from 'node:path'
import { anchorsOf } from './headings.js'

/** Where links may lead. */
export interface Site {
  /** Pages by their sources: paths in the repository, and in the site. */
  readonly pages: ReadonlyMap<string, string>
  /** Text of a page of the site by its source. */
  read(source: string): string
  /** Whether the repository has such a file or folder. */
  has(path: string): boolean
  /** Where the repository shows a file, if it is published. */
  readonly repository: string | undefined
}

/** A page as the site has it, and what in it leads nowhere. */
export interface StagedPage {
  readonly text: string
  readonly deadLinks: readonly string[]
}

/**
 * The Markdown of a page with its links as they lead in the site: pages to pages, pictures to `images`, all else to the repository. Code is
 * left alone.
 *
 * @param source path of the page in the repository
 */
export function stagePage(source: string, site: Site): StagedPage {
  const deadLinks: string[] = []
  const follow = (link: string): string | undefined => {
    if (/^[a-z]+:/.test(link)) return link
    const [path, anchor] = link.split('#') as [string, string | undefined]
    const target = path === '' ? source : posix.normalize(posix.join(posix.dirname(source), path)).replace(/\/$/, '')
    const [page, pageSource] = pageAt(target, site)
    if (!site.has(target) || (page && anchor && !anchorsOf(site.read(pageSource!)).has(anchor))) {
      deadLinks.push(link)
      return link
    }
    if (page) return posix.relative(posix.dirname(site.pages.get(source)!), page) + (anchor ? `#${anchor}` : '')
    if (/\.(png|svg)$/.test(target)) return posix.relative(posix.dirname(site.pages.get(source)!), target.replace(/^docs\//, ''))
    return site.repository && `${site.repository}/blob/main/${target}${anchor ? `#${anchor}` : ''}`
  }
  const text = site
    .read(source)
    .split(/(^```.*?^```$)/gms)
    .map((part) => (part.startsWith('```') ? part : outsideOfCode(part, (prose) => withLinks(prose, follow))))
    .join('')
  return { text: text.replaceAll(/^\$\$(.+)\$\$$/gm, '```math\n$1\n```'), deadLinks }
}

/** Changes Markdown, and leaves the code within its lines alone. */
function outsideOfCode(markdown: string, change: (prose: string) => string): string {
  const codes: string[] = []
  const masked = markdown.replaceAll(/`[^`\n]+`/g, (code) => `\uE000${codes.push(code) - 1}\uE001`)
  return change(masked).replaceAll(/\uE000(\d+)\uE001/g, (_, i: string) => codes[Number(i)]!)
}

/** The page of a file or folder, and its source. */
function pageAt(target: string, { pages }: Site): readonly [string, string] | readonly [undefined, undefined] {
  for (const source of [target, `${target}/README.md`]) {
    const page = pages.get(source)
    if (page) return [page, source]
  }
  return [undefined, undefined]
}

/** Markdown with its links, and the sources of its pictures, followed; the text alone where a link leads out of all that is published. */
function withLinks(markdown: string, follow: (link: string) => string | undefined): string {
  return markdown
    .replaceAll(/(!?)\[((?:[^[\]]|!?\[[^\]]*\](?:\([^)]*\))?)*)\]\(([^)\s]+)\)/g, (_, mark: string, text: string, link: string) => {
      const followed = follow(link)
      return followed === undefined ? text : `${mark}[${withLinks(text, follow)}](${followed})`
    })
    .replaceAll(/(<img [^>]*src=")([^"]+)"/g, (_, before: string, link: string) => `${before}${relativeToPage(follow(link) ?? link)}"`)
}

/** Vite takes a path without `./` for a package. */
const relativeToPage = (link: string): string => (/^(\.|[a-z]+:)/.test(link) ? link : `./${link}`)
