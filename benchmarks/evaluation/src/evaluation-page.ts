import { machine, MeasuredPage, median, packageVersions, threads, versions } from '@metric-learning/peer'
import { measuredRows, type MeasuredRow, type Measurement, type Unfinished } from './rows.js'

/** What each side measured in its turns; `undefined` for a side that is not measured. */
export interface Turns {
  readonly ours: readonly (Measurement | Unfinished)[]
  readonly peer: readonly (Measurement | Unfinished)[] | undefined
}

/** docs/evaluation-speed.md, as it is so far. */
export async function evaluationPage(file: string, python: string, after: readonly string[]): Promise<MeasuredPage> {
  const { 'faiss-cpu': faiss, 'scikit-learn': sklearn } = await packageVersions(python, ['faiss-cpu', 'scikit-learn'])
  return new MeasuredPage({
    file,
    before: [
      '# Speed and memory of evaluations',
      '',
      "`AccuracyCalculator` and `KMeans` beside PyTorch Metric Learning's (PML) with faiss, on the same embeddings, drawn normal around the centres of",
      'their classes, with `k = max_bin_count`. Each turn is a process of its own, the two sides by turns, medians of three (of one where it takes',
      'minutes); before it is measured, a side computes the same on a twentieth, so that neither is cold. Time is that of the whole',
      'evaluation, embeddings on the host; memory is the most that was resident in the process, in all. k-means is 20 rounds at most; its',
      'inertia is the sum of the squared distances to the means of the clusters, worked out of what each side gives.',
    ],
    columns: ['work', 'embeddings', 'ours, s', 'PML, s', 'ours / PML', 'ours, MiB', 'PML, MiB', 'ours gives', 'PML gives'],
    keys: 2,
    rank: ([work, embeddings]) => [measuredRows.findIndex((row) => row.work === work && embeddingsOf(row) === embeddings)],
    circumstances: `Machine: ${machine()}. ${await versions(python)}, faiss ${faiss!}, scikit-learn ${sklearn!}. ${threads} threads each.`,
    after: ['', ...after],
  })
}

/** The cells of a row of the table. */
export function cellsOf(row: MeasuredRow, { ours, peer }: Turns): string[] {
  const [a, b] = [summary(row, ours), peer ? summary(row, peer) : NOT_MEASURED]
  const ratio = a.seconds / b.seconds
  return [row.work, embeddingsOf(row), a.time, b.time, Number.isNaN(ratio) ? '–' : `${ratio.toFixed(2)}x`, a.peak, b.peak, a.values, b.values]
}

const embeddingsOf = ({ n, dim, classes }: MeasuredRow): string =>
  `${n.toLocaleString('en')} x ${dim}, ${classes.toLocaleString('en')} ${classes === 1 ? 'class' : 'classes'}`

const NOT_MEASURED = { seconds: NaN, time: '–', peak: '–', values: '–' }

function summary({ metrics }: MeasuredRow, turns: readonly (Measurement | Unfinished)[]) {
  const failed = turns.find((turn) => 'reason' in turn)
  if (failed) return { ...NOT_MEASURED, time: failed.reason }
  const measured = turns as readonly Measurement[]
  const seconds = median(measured.map((turn) => turn.seconds))
  const values = metrics.map((name) => digits(median(measured.map((turn) => turn.values[name]!)), 4)).join(', ')
  return { seconds, time: digits(seconds, 3), peak: median(measured.map((turn) => turn.peak)).toFixed(0), values }
}

const digits = (value: number, count: number): string => (Math.abs(value) >= 10 ** count ? value.toExponential(count) : value.toPrecision(count))
