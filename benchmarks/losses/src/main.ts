import {
  integer,
  integers,
  pageOption,
  ProcessError,
  pythonOption,
  pythonWith,
  runForJson,
  runMain,
  say,
  sourceProgram,
  threads,
} from '@metric-learning/peer'
import { Command, InvalidArgumentError, Option } from 'commander'
import { measuredLosses, type MeasuredLoss, type Measurement, type Row, type Unfinished } from './rows.js'
import { cellsOf, speedPage } from './speed-page.js'

const here = new URL('..', import.meta.url).pathname

interface Options {
  readonly sizes: readonly number[]
  readonly larger: readonly number[]
  readonly losses: readonly MeasuredLoss[]
  readonly rounds: number
  readonly seconds: number
  readonly memory: number
  readonly python?: string
  readonly output: string
}

const options = new Command('npm run bench:losses --')
  .description('Time and memory of losses beside PyTorch Metric Learning; writes docs/loss-speed.md, row by row.')
  .addOption(new Option('--losses <text>', 'only those whose name contains this').argParser(containing).default(measuredLosses, 'all'))
  .addOption(new Option('--sizes <list>', 'batch sizes of both').argParser(integers(8)).default([64, 256, 512, 1024], '64,256,512,1024'))
  .addOption(new Option('--larger <list>', 'batch sizes of ours alone; empty: none').argParser(integers(8)).default([4096], '4096'))
  .option('--rounds <count>', 'processes of each side', integer(1), 3)
  .option('--seconds <count>', 'when a process is given up', integer(1), 120)
  .option('--memory <GiB>', 'when PyTorch is given up', integer(1), 12)
  .addOption(pythonOption())
  .addOption(pageOption('docs/loss-speed.md'))
  .parse()
  .opts<Options>()

await runMain(async () => {
  const python = await pythonWith('pytorch', { python: options.python, say })
  const page = await speedPage(options.output, python)
  say(page.outlook)
  for (const loss of options.losses) {
    for (const n of [...options.sizes, ...options.larger]) {
      const row: Row = { loss, n, ours: [], pml: [] }
      for (let round = 0; round < options.rounds; round++) {
        await measure(row.ours, process.execPath, sourceProgram(`${here}src/measure-ours.ts`, loss, String(n)))
        if (options.sizes.includes(n)) {
          await measure(row.pml, python, [`${here}pml_loss.py`, loss, String(n), String(threads), String(options.memory)])
        }
      }
      page.put(cellsOf(row))
      say(cellsOf(row).join('  '))
    }
  }
  process.stdout.write(page.text())
})

/** Takes one more measurement; what did not come to an end once is not tried again. */
async function measure(runs: (Measurement | Unfinished)[], command: string, args: readonly string[]): Promise<void> {
  if (runs.some((run) => 'reason' in run)) return
  try {
    runs.push(await runForJson<Measurement | Unfinished>(command, args, { seconds: options.seconds }))
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error
    say(error.message)
    runs.push({ reason: error.reason })
  }
}

/** For commander: the losses whose names contain a text. */
function containing(text: string): readonly MeasuredLoss[] {
  const found = measuredLosses.filter((name) => name.toLowerCase().includes(text.toLowerCase()))
  if (found.length === 0) throw new InvalidArgumentError(`it is in none of ${measuredLosses.join(', ')}.`)
  return found
}
