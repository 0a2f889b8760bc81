import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { useBackend } from '@metric-learning/backend'
import { allPages } from './all-pages.js'

const usage = `Usage: npm run docs:losses

Writes docs/losses: a page for each loss, from its docstring, its declared options and its values.`

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) console.log(usage)
else if (args.length > 0) {
  console.error(`docs:losses: unknown argument ${args[0]}\n\n${usage}`)
  process.exitCode = 1
} else await write()

async function write(): Promise<void> {
  // The same on every machine.
  await useBackend('cpu', { log: console.log })
  const folder = fileURLToPath(new URL('../../../docs/losses/', import.meta.url))
  const pages = await allPages()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(`${folder}images`, { recursive: true })
  for (const [path, text] of pages) writeFileSync(folder + path, text)
  console.log(`${pages.size} files in docs/losses`)
}
