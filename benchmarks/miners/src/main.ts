import { fileURLToPath } from 'node:url'
import {
  integer,
  integers,
  pageOption,
  ProcessError,
  pythonOption,
  pythonWith,
  runMain,
  runProcess,
  say,
  sourceProgram,
  threads,
} from '@metric-learning/peer'
import { Command, InvalidArgumentError, Option } from 'commander'
import { measuredPairs, samplesPerClass, sizesOf, type MeasuredPair, type Measurement, type Unfinished } from './rows.js'
import { cellsOf, speedPage } from './speed-page.js'

const here = fileURLToPath(new URL('..', import.meta.url))

interface Options {
  readonly miners: readonly MeasuredPair[]
  readonly dims: readonly number[]
  readonly seconds: number
  readonly memory: number
  readonly python?: string
  readonly output: string
}

const options = new Command('npm run bench:miners --')
  .description('Time and memory of miners beside PyTorch Metric Learning; writes docs/miner-speed.md, row by row.')
  .addOption(new Option('--miners <text>', 'only those whose name contains this').argParser(containing).default(measuredPairs, 'all'))
  .addOption(new Option('--dims <list>', 'sizes of embeddings').argParser(integers(2)).default([128, 512], '128,512'))
  .option('--seconds <count>', 'when a process, which measures all sizes, is given up', integer(1), 30)
  .option('--memory <GiB>', 'when PyTorch is given up', integer(1), 8)
  .addOption(pythonOption())
  .addOption(pageOption('docs/miner-speed.md'))
  .parse()
  .opts<Options>()

await runMain(async () => {
  const python = await pythonWith('pytorch', { modules: ['torch', 'pytorch_metric_learning'], python: options.python, say })
  const page = await speedPage(options.output, python)
  say(page.outlook)
  for (const pair of options.miners) {
    for (const dim of options.dims) {
      const ours = await measure(process.execPath, sourceProgram(`${here}src/measure-ours.ts`, pair, String(dim)))
      const sizes = sizesOf(pair).map((size) => size.join(':'))
      const limits = [threads, options.memory, samplesPerClass].map(String)
      const pml = await measure(python, [`${here}pml_miner.py`, pair, String(dim), ...limits, ...sizes])
      for (const [n, memory] of sizesOf(pair)) {
        const cells = cellsOf({ pair, dim, n, memory, ours: ours(n, memory), pml: pml(n, memory) })
        page.put(cells)
        say(cells.join('  '))
      }
    }
  }
  process.stdout.write(page.text())
})

/** Measures all sizes; what was not reached any more has the reason of that. */
async function measure(command: string, args: readonly string[]): Promise<(n: number, memory: number) => Measurement | Unfinished> {
  const runs: (Measurement & Partial<Unfinished>)[] = []
  const reason = await runProcess(command, args, { seconds: options.seconds, onLine: (line) => runs.push(JSON.parse(line) as Measurement) }).then(
    () => 'not measured',
    (error: unknown) => {
      if (!(error instanceof ProcessError)) throw error
      say(error.message)
      return error.reason
    },
  )
  return (n, memory) => runs.find((run) => run.n === n && run.memory === memory) ?? { reason }
}

/** For commander: what contains a text. */
function containing(text: string): readonly MeasuredPair[] {
  const found = measuredPairs.filter((name) => name.toLowerCase().includes(text.toLowerCase()))
  if (found.length === 0) throw new InvalidArgumentError(`it is in none of ${measuredPairs.join(', ')}.`)
  return found
}
