import { PRECISIONS } from '@metric-learning/ops'
import { MeasuredPage } from '@metric-learning/peer'
import type { Turns } from '../alternate.js'
import { LOSSES, NETS } from '../nets.js'
import { COMPILED, PYTORCH, TORCH_COMPILE, type Side } from '../side.js'
import { middle } from '../step-page.js'
import type { Turn, Work } from '../turn.js'
import type { GpuReading } from './gpu-meter.js'

/** The sides, in the order of the table. */
export const GPU_SIDES = [COMPILED, PYTORCH, TORCH_COMPILE]

/** A turn with what the card did; nothing on a processor. */
export type GpuTurn = Turn & Partial<GpuReading>

/** docs/gpu-speed.md, as it is so far. */
export function gpuPage(file: string, circumstances: string): MeasuredPage {
  return new MeasuredPage({
    file,
    before: [
      '# Speed of the training step on a GPU',
      '',
      'Forward, miner, loss, backward and Adam, compiled as the trainer does by default, beside PyTorch with the miner and loss of',
      'PyTorch Metric Learning, eager and with `torch.compile` of the net. Pixels go to the device in each step. float32 products',
      'and convolutions are in TF32 on both sides; bfloat16 is `precision` on ours, `torch.autocast` of the net on PyTorch\'s, with',
      'weights, loss and Adam in float32. Sides take turns, each turn in a process of its own; medians of turns. GPU % is how much',
      'of the time some kernel ran, GPU MiB the peak of the card\'s memory beyond what was used before, both from `nvidia-smi`.',
    ],
    columns: [
      ...['net', 'batch', 'loss', 'precision', 'turns'],
      ...['ours, images/s', 'PyTorch, images/s', 'torch.compile, images/s', 'ours / PyTorch'],
      ...GPU_SIDES.slice(0, 2).flatMap((side) => [`${nameOf(side)}, GPU %`, `${nameOf(side)}, GPU MiB`]),
    ],
    keys: 4,
    rank: ([net, batch, loss, precision]) => [
      NETS.findIndex(({ title }) => title === net),
      Number(batch),
      LOSSES.findIndex((name) => name === loss),
      PRECISIONS.findIndex((name) => name === precision),
    ],
    circumstances,
    after: ['', 'Made by `npm run bench:gpu`.'],
  })
}

const nameOf = ({ library }: Side) => library

/** A row of the table. */
export function gpuCells({ net, loss, precision }: Work, taken: ReadonlyMap<Side, Turns<GpuTurn>>): string[] {
  const speed = (side: Side) => (1000 * net.batch) / middle(taken.get(side)!, ({ milliseconds }) => milliseconds)
  const reading = (side: Side, of: keyof GpuReading) => show(middle(taken.get(side)!, (turn) => turn[of] ?? NaN))
  const ratio = speed(COMPILED) / speed(PYTORCH)
  return [
    ...[net.title, String(net.batch), loss, precision, String(taken.get(COMPILED)!.turns.length)],
    ...GPU_SIDES.map((side) => taken.get(side)!.failure ?? show(speed(side))),
    Number.isNaN(ratio) ? '–' : `${ratio.toFixed(2)}x`,
    ...[COMPILED, PYTORCH].flatMap((side) => [reading(side, 'utilisation'), reading(side, 'memoryMiB')]),
  ]
}

const show = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(0))
