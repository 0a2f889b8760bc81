import { tensorflowVersion, tfjsNodeVersion } from '@metric-learning/backend'
import { machine, MeasuredPage, median, threads } from '@metric-learning/peer'

export const LARGE_BATCH_LOSSES = ['arcface', 'multi-similarity', 'memory'] as const
export type LargeBatchLoss = (typeof LARGE_BATCH_LOSSES)[number]

/** How a batch goes through the modules. */
export interface LargeBatchWay {
  readonly batch: number
  /** Absent: as a whole. */
  readonly chunkSize?: number
}

/** The rows of each loss, in order. */
export const LARGE_BATCH_WAYS: readonly LargeBatchWay[] = [{ batch: 256 }, { batch: 4096, chunkSize: 256 }, { batch: 4096, chunkSize: 1024 }, { batch: 4096 }]

/** What the process of a turn is told, as JSON. */
export interface LargeBatchRequest extends LargeBatchWay {
  readonly loss: LargeBatchLoss
  readonly steps: number
}

/** What it measured. */
export interface LargeBatchTurn {
  /** That a step kept the processor busy, of all its threads together: the median. */
  readonly milliseconds: number
  /** Resident memory of the process before there was a net. */
  readonly baseMiB: number
  /** Peak of its resident memory. */
  readonly peakMiB: number
}

const title: Readonly<Record<LargeBatchLoss, string>> = {
  arcface: 'ArcFace',
  'multi-similarity': 'MultiSimilarity with its miner',
  memory: 'Contrastive with a memory of 8,192',
}

const chunkOf = ({ chunkSize }: LargeBatchWay) => (chunkSize === undefined ? 'whole' : String(chunkSize))

/** docs/large-batch-cost.md, as it is so far. */
export function largeBatchPage(file: string): MeasuredPage {
  return new MeasuredPage({
    file,
    before: [
      '# Cost of batches in chunks',
      '',
      'Training steps of ConvNet-4 of width 32 on 28 x 28 pixels, compiled, float32, on the CPU: batches that go through the modules',
      'as a whole, and in chunks ([large batches](large-batches.md)). Each turn is in a process of its own; the table has medians of turns.',
      'Memory is the peak of what was resident in the process (`VmHWM`), and in brackets how much of it came after the libraries were',
      'loaded. Time is that of the processor, all threads together, so that other programs hardly count.',
    ],
    columns: ['loss', 'batch', 'chunk', 'turns', 'a step, ms of processor', 'a sample, ms', 'memory, MiB'],
    keys: 3,
    rank: ([loss, batch, chunk]) => [
      LARGE_BATCH_LOSSES.findIndex((name) => title[name] === loss),
      LARGE_BATCH_WAYS.findIndex((way) => String(way.batch) === batch && chunkOf(way) === chunk),
    ],
    circumstances: `Machine: ${machine()}. Node ${process.versions.node}, TensorFlow ${tensorflowVersion} through tfjs ${tfjsNodeVersion}. ${threads} threads.`,
    after: ['', 'Made by `npm run bench:large-batches`.'],
  })
}

/** A row of the table. */
export function largeBatchCells(loss: LargeBatchLoss, way: LargeBatchWay, turns: readonly LargeBatchTurn[]): string[] {
  const middle = (of: (turn: LargeBatchTurn) => number) => median(turns.map(of))
  const time = middle(({ milliseconds }) => milliseconds)
  const memory = `${middle(({ peakMiB }) => peakMiB).toFixed(0)} (${middle(({ peakMiB, baseMiB }) => peakMiB - baseMiB).toFixed(0)})`
  return [title[loss], String(way.batch), chunkOf(way), String(turns.length), time.toFixed(0), (time / way.batch).toFixed(2), memory]
}
