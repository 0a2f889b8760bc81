import { fileURLToPath } from 'node:url'
import { findGpu, GpuMeter, onlyGpu, type Gpu } from '@metric-learning/benchmark-step'
import {
  backendOption,
  backendPageOption,
  expectCuda,
  integer,
  integers,
  pageOf,
  ProcessError,
  pythonOption,
  pythonWith,
  runForJson,
  runMain,
  say,
  sourceProgram,
  threads,
  type MeasuredBackend,
} from '@metric-learning/peer'
import { Command, InvalidArgumentError, Option } from 'commander'
import { measuredLosses, type MeasuredLoss, type Measurement, type Row, type Unfinished } from './rows.js'
import { cellsOf, speedPage } from './speed-page.js'

const PAGE = 'docs/loss-speed.md'
const here = fileURLToPath(new URL('..', import.meta.url))

interface Options {
  readonly sizes: readonly number[]
  readonly larger: readonly number[]
  readonly losses: readonly MeasuredLoss[]
  readonly rounds: number
  readonly seconds: number
  readonly memory: number
  readonly backend: MeasuredBackend
  readonly python?: string
  readonly output?: string
}

const options = new Command('npm run bench:losses --')
  .description('Time and memory of losses beside PyTorch Metric Learning; writes docs/loss-speed.md, row by row.')
  .addOption(new Option('--losses <text>', 'only those whose name contains this').argParser(containing).default(measuredLosses, 'all'))
  .addOption(new Option('--sizes <list>', 'batch sizes of both').argParser(integers(8)).default([64, 256, 512, 1024], '64,256,512,1024'))
  .addOption(new Option('--larger <list>', 'batch sizes of ours alone; empty: none').argParser(integers(8)).default([4096], '4096'))
  .option('--rounds <count>', 'processes of each side', integer(1), 3)
  .option('--seconds <count>', 'when a process is given up', integer(1), 120)
  .option('--memory <GiB>', 'when PyTorch is given up', integer(1), 12)
  .addOption(backendOption())
  .addOption(pythonOption())
  .addOption(backendPageOption(PAGE))
  .parse()
  .opts<Options>()

await runMain(async () => {
  const { backend } = options
  const gpu = backend === 'cuda' ? findGpu(process.env, { who: 'bench:losses', fix: "It needs NVIDIA's driver; without `--backend` it runs on the CPU." }) : undefined
  const python = await pythonWith('pytorch', { modules: ['torch', 'pytorch_metric_learning'], python: options.python, say })
  if (gpu) await expectCuda(python, 'bench:losses')
  const page = await speedPage(options.output ?? pageOf(PAGE, backend), python, gpu)
  say(page.outlook)
  for (const loss of options.losses) {
    for (const n of [...options.sizes, ...options.larger]) {
      const row: Row = { loss, n, ours: [], pml: [] }
      for (let round = 0; round < options.rounds; round++) {
        await measure(row.ours, gpu, process.execPath, sourceProgram(`${here}src/measure-ours.ts`, loss, String(n), backend))
        if (options.sizes.includes(n)) {
          const device = gpu ? 'cuda' : 'cpu'
          await measure(row.pml, gpu, python, [`${here}pml_loss.py`, loss, String(n), String(threads), String(options.memory), device])
        }
      }
      page.put(cellsOf(row))
      say(cellsOf(row).join('  '))
    }
  }
  process.stdout.write(page.text())
})

/** Takes one more measurement; what did not come to an end once is not tried again. Memory on a card is looked at from outside. */
async function measure(runs: (Measurement | Unfinished)[], gpu: Gpu | undefined, command: string, args: readonly string[]): Promise<void> {
  if (runs.some((run) => 'reason' in run)) return
  const meter = gpu && new GpuMeter(gpu)
  try {
    const run = await runForJson<Measurement | Unfinished>(command, args, { seconds: options.seconds, env: gpu ? onlyGpu(gpu) : {} })
    runs.push(meter && 'times' in run ? { ...run, memory: meter.memoryMiB } : run)
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error
    say(error.message)
    runs.push({ reason: error.reason })
  } finally {
    meter?.end()
  }
}

/** For commander: the losses whose names contain a text. */
function containing(text: string): readonly MeasuredLoss[] {
  const found = measuredLosses.filter((name) => name.toLowerCase().includes(text.toLowerCase()))
  if (found.length === 0) throw new InvalidArgumentError(`it is in none of ${measuredLosses.join(', ')}.`)
  return found
}
