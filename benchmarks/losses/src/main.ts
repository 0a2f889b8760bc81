import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { pmlPython } from './pml-python.js'
import { measuredLosses } from './rows.js'
import { runProcess } from './run-process.js'
import { speedPage, type Row } from './speed-page.js'

const here = new URL('..', import.meta.url).pathname
const threads = cpus().length
const list = (text: string) => text.split(',').filter(Boolean)

const program = new Command('npm run bench:losses --')
  .description('Time and memory of losses beside PyTorch Metric Learning; writes docs/loss-speed.md.')
  .option('--sizes <list>', 'batch sizes of both', list, ['64', '256', '512', '1024'])
  .option('--larger <list>', 'batch sizes of ours alone', list, ['4096'])
  .option('--losses <text>', 'only those whose name contains this', '')
  .option('--rounds <count>', 'processes of each', Number, 3)
  .option('--seconds <count>', 'when to give up on a process', Number, 120)
  .option('--memory <GiB>', 'when to give up on PyTorch', Number, 12)
  .option('--python <path>', 'a Python with torch and pytorch-metric-learning (default: an environment made here)')
  .option('--output <file>', 'where the page goes', join(here, '../../docs/loss-speed.md'))
interface Options {
  sizes: string[]
  larger: string[]
  losses: string
  rounds: number
  seconds: number
  memory: number
  python?: string
  output: string
}
const options = program.parse().opts<Options>()
const python = pmlPython(options.python, (text) => console.error(text))

const rows: Row[] = []
for (const loss of measuredLosses.filter((name) => name.includes(options.losses))) {
  for (const n of [...options.sizes, ...options.larger]) {
    const row = { loss, n: Number(n), ours: [], pml: [] } as { -readonly [K in keyof Row]: Row[K] extends readonly (infer T)[] ? T[] : Row[K] }
    for (let round = 0; round < options.rounds; round++) {
      row.ours.push(await ours(loss, n))
      // What has failed once fails again.
      if (options.sizes.includes(n) && !row.pml.some((run) => 'reason' in run)) row.pml.push(await pml(loss, n))
    }
    rows.push(row)
    console.error(speedPage([row], circumstances()).split('\n').find((text) => text.startsWith(`| ${loss}`)))
  }
}
const page = speedPage(rows, circumstances())
writeFileSync(options.output, page)
console.log(page)

function ours(loss: string, n: string) {
  return runProcess(process.execPath, [...process.execArgv, join(here, 'src/measure-ours.ts'), loss, n], options.seconds)
}

function pml(loss: string, n: string) {
  return runProcess(python, [join(here, 'pml_loss.py'), loss, n, String(threads), String(options.memory)], options.seconds)
}

/** What was asked for, without paths of this machine. */
function circumstances() {
  const isPath = (arg: string | undefined) => arg === '--python' || arg === '--output'
  const told = process.argv.slice(2).filter((arg, i, all) => !isPath(arg) && !isPath(all[i - 1]))
  return {
    machine: `${threads} x ${cpus()[0]!.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    versions: `Node ${process.versions.node}; TensorFlow 2.21.0 through tfjs 4.22.0; PyTorch 2.13.0, PyTorch Metric Learning 2.9.0; ${threads} threads each`,
    command: ['npm run bench:losses', ...(told.length > 0 ? ['--', ...told] : [])].join(' '),
    rounds: options.rounds,
  }
}
