import { integer, integers, path, program, runMain, say, someOf } from '@metric-learning/peer'
import { Command, Option } from 'commander'
import { alternate } from '../alternate.js'
import { LOSSES, NET_NAMES, NETS, type LossName } from '../nets.js'
import type { Side } from '../side.js'
import { takeTurn } from '../take-turn.js'
import { DEVICES, PRECISIONS, type Device, type Precision, type Work } from '../turn.js'
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

const root = new URL('../../../../', import.meta.url).pathname
const options = new Command('npm run bench:gpu --')
  .description('The training step on an NVIDIA GPU beside PyTorch’s: throughput, utilisation, memory; writes docs/gpu-speed.md, row by row.')
  .addOption(new Option('--device <name>', 'what computes; `cpu` is for trying').choices([...DEVICES]).default('cuda'))
  .option('--nets <names>', `comma-separated, out of ${NET_NAMES.join(', ')}`, someOf(NET_NAMES), ['resnet50'])
  .option('--batches <sizes>', 'images in a batch, comma-separated', integers(8), [64, 256])
  .option('--losses <names>', `comma-separated, out of ${LOSSES.join(', ')}`, someOf(LOSSES), LOSSES)
  .option('--precisions <names>', `comma-separated, out of ${PRECISIONS.join(', ')}`, someOf(PRECISIONS), PRECISIONS)
  .option('--pairs <count>', 'turns of each side', integer(1), 3)
  .option('--steps <count>', 'timed steps of a turn', integer(1), 200)
  .option('--seconds <count>', 'when a turn is given up', integer(1), 600)
  .option('--python <path>', 'a Python with torch and pytorch-metric-learning (default: an environment made once)', program)
  .option('--output <file>', 'the page (default: docs/gpu-speed.md, or with `--device cpu` runs/gpu-speed-cpu.md)', path)
  .addHelpText('after', '\nRows of the page that are not measured this time stay as they are.')
  .parse()
  .opts<Options>()

await runMain(async () => {
  const { device, output = `${root}${device === 'cuda' ? 'docs/gpu-speed.md' : 'runs/gpu-speed-cpu.md'}` } = options
  const measured = await setUpDevice(device, options.python)
  say(measured.circumstances)
  const page = gpuPage(output, measured.circumstances)
  if (page.count > 0) say(`${output} has ${page.count} rows of this machine; those not measured now stay.`)
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
