import { writeFileSync } from 'node:fs'
import { PART_OPTIONS_FILE, partOptionsFile } from './part-options-file.js'

const usage = `Usage: npm run docs:part-options

Writes what parts of experiments declare about their options, from types and docstrings, for \`metric-learning list\` and for checks.`

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) console.log(usage)
else if (args.length > 0) {
  console.error(`docs:part-options: unknown argument ${args[0]}\n\n${usage}`)
  process.exitCode = 1
} else writeFileSync(PART_OPTIONS_FILE, partOptionsFile())
