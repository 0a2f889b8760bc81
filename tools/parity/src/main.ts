import { existsSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { nativeIsInstalled, useBackend, type BackendName } from '@metric-learning/backend'
import { isMetricLearningError } from '@metric-learning/contracts'
import { goldenModules, ownFixtures } from '@metric-learning/golden'
import { compareFolder, type ModuleReport } from './compare-folder.js'
import { everything } from './registry.js'
import { moduleLines, totalLines } from './summary.js'

const BACKENDS = ['native-cpu', 'cuda', 'wasm', 'cpu'] as const satisfies readonly BackendName[]

const usage = `Usage: npm run parity [-- FOLDER] [--backend NAME]

Compares every module with fixtures of PyTorch Metric Learning (schema: tools/golden/README.md), each case with its own
tolerance. Without FOLDER: the project's own fixtures. Ends with \`N passed, N failed, N skipped\`.

--backend: ${BACKENDS.join(', ')}. Without it native-cpu, or cpu where that is not installed: fixtures are of a CPU.
On cuda float32 keeps all its bits (NVIDIA_TF32_OVERRIDE=0), and last bits may still differ.`

await main()

async function main(): Promise<void> {
  let given: ReturnType<typeof parse>
  try {
    given = parse(process.argv.slice(2))
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  }
  if (given.values.help) return console.log(usage)
  // npm runs scripts in the folder of package.json; a folder is meant from where the command was typed.
  const [first, second] = given.positionals
  const folder = first === undefined ? ownFixtures : resolve(process.env['INIT_CWD'] ?? '.', first)
  const backend = BACKENDS.find((name) => name === given.values.backend)
  if (second !== undefined) return fail(`unknown argument ${second}\n\n${usage}`)
  if (given.values.backend !== undefined && backend === undefined) return fail(`no backend "${given.values.backend}"\n\n${usage}`)
  if (!existsSync(folder) || !readdirSync(folder).some(isGoldenFile)) {
    return fail(`${folder} holds none of ${goldenModules.map((module) => `${module}.json`).join(', ')}`)
  }
  try {
    await start(backend)
  } catch (error) {
    if (!isMetricLearningError(error)) throw error
    return fail(error.message)
  }
  await compare(folder)
}

function parse(args: string[]) {
  return parseArgs({ args, allowPositionals: true, options: { backend: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
}

/** The backend that was asked for, or none. */
async function start(backend: BackendName | undefined): Promise<void> {
  const log = { log: console.log }
  // TensorFlow would give float32 products ten bits on a GPU, which no tolerance allows for.
  if (backend === 'cuda') process.env['NVIDIA_TF32_OVERRIDE'] ??= '0'
  await useBackend(backend ?? (nativeIsInstalled() ? 'native-cpu' : 'cpu'), log)
}

async function compare(of: string): Promise<void> {
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
