import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { integer, machine, pythonOption, pythonWith, runMain, runProcess, say, someOption, sourceProgram, versions } from '@metric-learning/peer'
import { Command, Option } from 'commander'
import { exportDrawings } from './export-drawings.js'
import { LIBRARIES, SCHEME_NAMES, SCHEMES, type Library, type SchemeName, type SchemeResult } from './result.js'
import { ResultsFile } from './results-file.js'
import { pageWith } from './schemes-table.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const page = join(root, 'docs/schemes.md')
const results = new ResultsFile(fileURLToPath(new URL('../results.jsonl', import.meta.url)))
const peer = fileURLToPath(new URL('../pml_schemes.py', import.meta.url))

interface Options {
  readonly seeds: number
  readonly schemes: readonly SchemeName[]
  readonly library: readonly Library[]
  readonly python?: string
  readonly fresh: boolean
}

const options = new Command('npm run bench:schemes --')
  .description('The examples of training schemes beside PyTorch Metric Learning’s trainers; writes the table of docs/schemes.md.')
  .option('--seeds <count>', 'seeds of each scheme', integer(1), 3)
  .addOption(someOption('--schemes <names>', SCHEME_NAMES))
  .addOption(new Option('--library <name>', 'one side alone').choices([...LIBRARIES]).default(LIBRARIES, 'both').argParser((name) => [name as Library]))
  .addOption(pythonOption())
  .option('--fresh', 'run again what is asked for, done or not', false)
  .parse()
  .opts<Options>()

await runMain(async () => {
  const python = await pythonWith('pytorch', { modules: ['torch', 'pytorch_metric_learning', 'faiss', 'sklearn', 'numpy'], python: options.python, say })
  const drawings = join(root, 'runs/schemes/drawings')
  if (options.library.includes('PML') && !existsSync(join(drawings, 'test.labels.bin'))) await exportDrawings(drawings)
  for (let seed = 0; seed < options.seeds; seed++) {
    for (const library of options.library) {
      const schemes = options.schemes.filter((scheme) => (library === 'ours' || SCHEMES[scheme]) && (options.fresh || !results.has({ library, scheme, seed })))
      if (schemes.length === 0) continue
      say(`${library}, seed ${seed}: ${schemes.join(', ')} …`)
      const program = library === 'ours' ? sourceProgram(join(root, 'examples/schemes/src/main.ts'), '--json') : [peer, '--data', drawings]
      await runProcess(library === 'ours' ? process.execPath : python, [...program, '--seed', String(seed), ...schemes], {
        showErrors: library === 'ours',
        onLine: (line) => {
          if (line.startsWith('{')) results.add({ ...(JSON.parse(line) as Omit<SchemeResult, 'library'>), library })
        },
      })
    }
  }
  results.tidy()
  writeFileSync(page, pageWith(readFileSync(page, 'utf8'), results.all(), `Machine: ${machine()}. ${await versions(python)}.`))
  say(`${page} has the table of ${results.all().length} runs.`)
})
