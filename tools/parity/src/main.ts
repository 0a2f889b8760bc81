import { existsSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { goldenModules, ownFixtures } from '@metric-learning/golden'
import { compareFolder, type ModuleReport } from './compare-folder.js'
import { everything } from './registry.js'
import { moduleLines, totalLines } from './summary.js'

const usage = `Usage: npm run parity [-- FOLDER]

Compares every module with fixtures of PyTorch Metric Learning (schema: tools/golden/README.md), each case with its own
tolerance. Without FOLDER: the project's own fixtures. Ends with \`N passed, N failed, N skipped\`.`

const args = process.argv.slice(2)
// npm runs scripts in the folder of package.json; a folder is meant from where the command was typed.
const folder = args[0] === undefined ? ownFixtures : resolve(process.env['INIT_CWD'] ?? '.', args[0])
const unknown = args.find((arg) => arg.startsWith('-') && arg !== '--help') ?? args[1]
if (args.includes('--help')) console.log(usage)
else if (unknown !== undefined) fail(`unknown argument ${unknown}\n\n${usage}`)
else if (!existsSync(folder) || !readdirSync(folder).some(isGoldenFile)) {
  fail(`${folder} holds none of ${goldenModules.map((module) => `${module}.json`).join(', ')}`)
} else await compare(folder)

async function compare(of: string): Promise<void> {
  // Of the CPU, as the fixtures are: a GPU rounds more coarsely.
  await useBackend('native-cpu', { log: console.log }).catch(() => useBackend('cpu', { log: console.log }))
  const reports: ModuleReport[] = []
  for await (const report of compareFolder(of, everything)) {
    reports.push(report)
    for (const line of [...report.failures, ...moduleLines(report)]) console.log(line)
  }
  console.log()
  for (const line of totalLines(reports)) console.log(line)
  process.exitCode = reports.some(({ failures }) => failures.length > 0) ? 1 : 0
}

function isGoldenFile(name: string): boolean {
  return goldenModules.some((module) => new RegExp(`^${module}(\\.\\d+)?\\.json$`).test(name))
}

function fail(message: string): void {
  console.error(`parity: ${message}`)
  process.exitCode = 1
}
