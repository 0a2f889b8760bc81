import { existsSync, readdirSync } from 'node:fs'

/** Pages of the site by their sources: paths in the repository, and in the site. */
export function sitePages(root: string): ReadonlyMap<string, string> {
  const ofDocs = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'))
  const ofRooms = ['packages', 'plugins', 'examples'].flatMap((kind) => readdirSync(root + kind).map((name) => `${kind}/${name}`))
  return new Map([
    ...ofDocs.map((path): [string, string] => [`docs/${path}`, path.replace(/(^|\/)README\.md$/, '$1index.md')]),
    ...ofRooms.filter((room) => existsSync(`${root}${room}/README.md`)).map((room): [string, string] => [`${room}/README.md`, `${room}.md`]),
    ['GLOSSARY.md', 'glossary.md'],
    ['CONTRIBUTING.md', 'contributing.md'],
    ['tools/docs-site/home.md', 'index.md'],
    ['README.md', 'readme.md'],
  ])
}
