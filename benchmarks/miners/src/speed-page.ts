import { machine, MeasuredPage, median, threads, versions } from '@metric-learning/peer'
import { measuredPairs, samplesPerClass, type Measurement, type Row, type Unfinished } from './rows.js'

/** docs/miner-speed.md, as it is so far. */
export async function speedPage(file: string, python: string): Promise<MeasuredPage> {
  return new MeasuredPage({
    file,
    before: [
      '# Speed and memory of miners',
      '',
      `A pass is mining, the loss and its gradient, on a batch of n embeddings of size d, ${samplesPerClass} samples of a class, by itself or against a memory`,
      'of so many more, beside PyTorch Metric Learning (PML). Ours is compiled, as in the trainer, and draws anew in each pass.',
      'Each side measures a miner with one d in a process of its own, sizes in the order of the table; milliseconds are medians.',
      'Memory is the most that was resident in that process until then, in all. Where a process was given up, the table says at',
      'which limit of time or memory. `EmbeddingsAlreadyPackagedAsTriplets` is not here: it only counts rows.',
    ],
    columns: ['miner + loss', 'd', 'n', 'memory', 'ours, ms', 'PML, ms', 'PML / ours', 'ours, MiB', 'PML, MiB'],
    keys: 4,
    rank: ([pair, dim, n, memory]) => [measuredPairs.findIndex((name) => name === pair), Number(dim), memory === '–' ? 0 : Number(memory), Number(n)],
    circumstances: `Machine: ${machine()}. ${await versions(python)}. ${threads} threads each.`,
    after: [
      '',
      '`BatchHardMiner` finds the hardest pairs by an operation of our own (`packages/backend/addon/operations`), which forms no matrix of distances: products',
      'of rows that are rounded to 16-bit integers, of one set each once, and what these leave open compared in double precision. The distances of its',
      'triplets and their gradient are one operation each. What bounds the row is these products.',
      '',
      '`CrossBatchMemory` with `ContrastiveLoss` looks at all pairs that labels allow: one operation adds up what they cost and makes the gradient, without a',
      'matrix of distances, masks or values. It is products in floats, a block of the memory at a time, and what of these is beyond a margin. Were all pairs',
      'beyond it, the gradient would be products, too, and the pass take two to three times as long.',
      '',
      'Made by `npm run bench:miners`.',
    ],
  })
}

/** A row of the table. */
export function cellsOf({ pair, dim, n, memory, ours, pml }: Row): string[] {
  const [a, b] = [summary(ours), summary(pml)]
  const ratio = b.time / a.time
  const of = [pair, String(dim), String(n), memory === 0 ? '–' : String(memory)]
  return [...of, a.shownTime, b.shownTime, Number.isNaN(ratio) ? '–' : `${digits(ratio)}x`, a.shownPeak, b.shownPeak]
}

function summary(run: Measurement | Unfinished) {
  if ('reason' in run) return { time: NaN, shownTime: run.reason, shownPeak: '–' }
  const time = median(run.times)
  return { time, shownTime: digits(time), shownPeak: run.peak.toFixed(0) }
}

const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))
