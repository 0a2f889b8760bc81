import { fileURLToPath } from 'node:url'
import { PRECISIONS, type Precision } from '@metric-learning/ops'
import { integer, integers, path, pythonOption, runMain, say, someOption } from '@metric-learning/peer'
import { Command, Option } from 'commander'
import { alternate } from '../alternate.js'
import { LOSSES, NET_NAMES, NETS, type LossName } from '../nets.js'
import type { Side } from '../side.js'
import { takeTurn } from '../take-turn.js'
import { DEVICES, type Device, type Work } from '../turn.js'
import { onlyGpu } from './find-gpu.js'
import { GpuMeter } from './gpu-meter.js'
import { GPU_SIDES, gpuCells, gpuPage, type GpuTurn } from './gpu-page.js'
import { setUpDevice, type MeasuredDevice } from './set-up-device.js'

interface Options {
  readonly device: Device
  readonly nets: readonly string[]
  readonly batches: readonly number[]
  readonly losses: readonly LossName[]
  readonly precisions: readonly Precision[]
  readonly pairs: number
  readonly steps: number
  readonly seconds: number
  readonly python?: string
  readonly output?: string
}

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const options = new Command('npm run bench:gpu --')
  .description('The training step on an NVIDIA GPU beside PyTorch’s: throughput, utilisation, memory; writes docs/gpu-speed.md, row by row.')
  .addOption(new Option('--device <name>', 'what computes; `cpu` is for trying').choices([...DEVICES]).default('cuda'))
  .addOption(someOption('--nets <names>', NET_NAMES, ['resnet50']))
  .addOption(new Option('--batches <sizes>', 'images in a batch, comma-separated').argParser(integers(8)).default([64, 256], '64,256'))
  .addOption(someOption('--losses <names>', LOSSES))
  .addOption(someOption('--precisions <names>', PRECISIONS))
  .option('--pairs <count>', 'turns of each side', integer(1), 3)
  .option('--steps <count>', 'timed steps of a turn', integer(1), 200)
  .option('--seconds <count>', 'when a turn is given up', integer(1), 600)
  .addOption(pythonOption())
  .option('--output <file>', 'the page; rows that are not measured this time stay (default: docs/gpu-speed.md, with `--device cpu` runs/gpu-speed-cpu.md)', path)
  .parse()
  .opts<Options>()

await runMain(async () => {
  const { device, output = `${root}${device === 'cuda' ? 'docs/gpu-speed.md' : 'runs/gpu-speed-cpu.md'}` } = options
  const measured = await setUpDevice(device, options.python)
  say(measured.circumstances)
  const page = gpuPage(output, measured.circumstances)
  say(page.outlook)
  for (const work of works()) {
    const taken = await alternate(GPU_SIDES, options.pairs, (side) => takeGpuTurn(side, work, measured))
    page.put(gpuCells(work, taken))
  }
  process.stdout.write(page.text())
})

function works(): Work[] {
  const { device, steps } = options
  const nets = NETS.filter(({ name }) => options.nets.includes(name)).flatMap((net) => options.batches.map((batch) => ({ ...net, batch })))
  return nets.flatMap((net) =>
    options.losses.flatMap((loss) => options.precisions.map((precision) => ({ net, loss, precision, device, warmUp: 20, steps }))),
  )
}

/** A turn, with the card watched meanwhile. */
async function takeGpuTurn(side: Side, work: Work, { python, gpu }: MeasuredDevice): Promise<GpuTurn> {
  const meter = gpu && new GpuMeter(gpu)
  try {
    const env = gpu ? onlyGpu(gpu) : {}
    const turn = await takeTurn(side, work, { python, seconds: options.seconds, env, onTiming: () => meter?.begin() })
    const { net, loss, precision } = work
    const reading = meter?.end()
    const card = reading ? `, GPU ${reading.utilisation.toFixed(0)} %, ${reading.memoryMiB} MiB` : ''
    const name = `${side.library}${side.compile ? ' compiled' : ''}`
    say(`${net.name} batch ${net.batch} ${loss} ${precision} ${name}: ${((1000 * net.batch) / turn.milliseconds).toFixed(0)} images/s${card}`)
    return { ...turn, ...reading }
  } finally {
    meter?.end()
  }
}
