import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { readCode } from '../code/read-exports.js'
import { root } from '../root.js'
import { allPages, FOLDERS } from './all-pages.js'

const usage = `Usage: npm run docs:pages

Writes pages about miners, samplers, distances, reducers, regularizers, metrics, hooks and options, in docs/miners and so on, from types and docstrings.`

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) console.log(usage)
else if (args.length > 0) {
  console.error(`docs:pages: unknown argument ${args[0]}\n\n${usage}`)
  process.exitCode = 1
} else {
  const pages = allPages(readCode())
  for (const folder of FOLDERS) {
    rmSync(`${root}docs/${folder}`, { recursive: true, force: true })
    mkdirSync(`${root}docs/${folder}`, { recursive: true })
  }
  for (const [path, text] of pages) writeFileSync(`${root}docs/${path}`, text)
  console.log(`${pages.size} pages in ${FOLDERS.map((folder) => `docs/${folder}`).join(', ')}`)
}
