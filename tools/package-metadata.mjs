// `npm run packages:metadata`: what every published package says of itself, from one place, the root's package.json: repository, licence,
// Node, how it is published. With --check it writes nothing, and fails where something is missing.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { root } from './installed-packages.mjs'

const isCheck = process.argv.includes('--check')
const read = (file) => JSON.parse(readFileSync(`${root}${file}`, 'utf8'))
const { repository, homepage, bugs, engines, license } = read('package.json')
const address = repository.url.replace(/^git\+|\.git$/g, '')
const inEach = ['metric-learning', 'tensorflow', 'typescript']
const wrong = []

/** The order of fields in a package.json. */
const order = ['name', 'version', 'description', 'keywords', 'license', 'repository', 'homepage', 'bugs', 'engines', 'publishConfig', 'type', 'sideEffects', 'preferUnplugged', 'bin', 'exports', 'imports', 'files', 'scripts']

for (const folder of publishedFolders()) {
  const manifest = read(`${folder}/package.json`)
  const name = folder.split('/')[1]
  const scope = { directory: folder }
  Object.assign(manifest, {
    keywords: [...new Set([...inEach, name, ...(manifest.keywords ?? [])])],
    license,
    repository: { ...repository, ...scope },
    homepage: `${address}/tree/main/${folder}#readme`,
    bugs,
    engines,
    publishConfig: { access: 'public', provenance: true },
    scripts: { ...manifest.scripts, prepack: `node ../../tools/prepack.mjs` },
  })
  if (!('sideEffects' in manifest)) wrong.push(`${folder}/package.json says nothing of sideEffects`)
  const sorted = Object.fromEntries([...order.filter((key) => key in manifest), ...Object.keys(manifest).filter((key) => !order.includes(key))].map((key) => [key, manifest[key]]))
  keep(`${folder}/package.json`, `${JSON.stringify(sorted, undefined, 2)}\n`)
  keep(`${folder}/LICENSE`, readFileSync(`${root}LICENSE`, 'utf8'))
  checkLinks(`${folder}/README.md`)
}
if (homepage !== `${address}#readme` || bugs.url !== `${address}/issues`) wrong.push('homepage and bugs of the root are of another repository')
if (wrong.length > 0) {
  console.error(`${wrong.join('\n')}\n\nRun \`npm run packages:metadata\` for what can be written.`)
  process.exitCode = 1
}

/** Packages and plugins that are not private. */
function publishedFolders() {
  return ['packages', 'plugins'].flatMap((group) =>
    readdirSync(`${root}${group}`).map((name) => `${group}/${name}`).filter((folder) => existsSync(`${root}${folder}/package.json`) && !read(`${folder}/package.json`).private),
  )
}

function keep(file, text) {
  if (existsSync(`${root}${file}`) && readFileSync(`${root}${file}`, 'utf8') === text) return
  if (isCheck) wrong.push(`${file} is not what package.json of the root says`)
  else writeFileSync(`${root}${file}`, text)
}

/** npm shows a README without the files beside it: links lead out of it by address, to files that are there. */
function checkLinks(file) {
  const text = readFileSync(`${root}${file}`, 'utf8')
  const folder = file.slice(0, -'README.md'.length)
  const written = text.replace(/(\]\(|src=")(?!https?:|#|mailto:)([^)"\s]+)/g, (_, before, link) => {
    const { pathname, hash } = new URL(link, `file:///${folder}`)
    const kind = before === '](' ? (/\.[a-z]+$/.test(pathname) ? 'blob' : 'tree') : 'raw'
    return `${before}${address}/${kind}/main${pathname.replace(/\/$/, '')}${hash}`
  })
  keep(file, written)
  for (const [, path] of written.matchAll(new RegExp(`${address}/(?:blob|tree|raw)/main/([^)"\\s#]+)`, 'g'))) {
    if (!existsSync(`${root}${path}`)) wrong.push(`${file}: no ${path} in this repository`)
  }
}
