import { describeValue } from '../errors/describe-value.js'
import { LabelError } from '../errors/metric-learning-error.js'
import type { BatchSampler } from '../batch-sampler.js'
import type { Dataset } from '../dataset.js'

/**
 * Checks that a sampler was made for as many samples as the data set has, and one over several data sets for as many of each, in their
 * order: where the set has them one after the other, by a label column `source`. One that does not say passes.
 *
 * @throws {LabelError} when it was made for another number.
 */
export function expectSameSamples(sampler: Pick<BatchSampler, 'name' | 'sampleCount' | 'sourceCounts'>, dataset: Pick<Dataset, 'name' | 'labels' | 'columns'>): void {
  const { name: who, sampleCount, sourceCounts } = sampler
  if (sampleCount !== undefined && sampleCount !== dataset.labels.length) {
    throw new LabelError({
      who,
      wanted: `to be made for the ${dataset.labels.length} samples of ${dataset.name}`,
      got: `one made for ${sampleCount}`,
      fix: 'Make the sampler from the labels of the data set that it draws from.',
    })
  }
  const sources = sourceCounts && sourcesOf(dataset)
  if (!sources || sources.map(({ count }) => count).join() === sourceCounts.join()) return
  throw new LabelError({
    who,
    wanted: `samplers for ${sources.map(({ name, count }) => `the ${count} samples of ${name}`).join(', then ')}`,
    got: `samplers for ${sourceCounts.join(', then ')}`,
    fix: 'Pass one for each data set, in the order in which they are `concatenated`.',
  })
}

/** What a set says of the data sets that it is made of, one after the other; `undefined` where it does not. */
function sourcesOf({ columns }: Pick<Dataset, 'columns'>): readonly { readonly name: string; readonly count: number }[] | undefined {
  const column = columns?.['source']
  if (!column || !('labels' in column)) return undefined
  const { labels, classNames = [] } = column
  const counts: number[] = []
  for (const [row, source] of labels.entries()) {
    if (source < (labels[row - 1] ?? 0)) return undefined
    counts[source] = (counts[source] ?? 0) + 1
  }
  return Array.from(counts, (count = 0, source) => ({ name: classNames[source] ?? String(source), count }))
}

/**
 * The rows of a batch as a sampler gave them, checked; a look at each, and no copy of an Int32Array.
 *
 * @param who in whose name it complains: the sampler
 * @param sampleCount samples of the data set
 * @returns int32 [rows]
 * @throws {LabelError} when there is no row, or one is no integer in [0, sampleCount).
 */
export function checkedRows(who: string, rows: Int32Array, sampleCount: number): Int32Array {
  const count = typeof rows === 'object' ? (rows as Int32Array | null)?.length : undefined
  const wrong = (got: string) =>
    new LabelError({
      who,
      wanted: `a batch of rows of the data set, integers from 0 to ${sampleCount - 1}`,
      got,
      fix: 'Have the sampler draw from the labels of the data set that it is used with.',
    })
  if (typeof count !== 'number' || count === 0) throw wrong(count === 0 ? 'no row' : describeValue(rows))
  for (let i = 0; i < count; i++) {
    const row = rows[i]!
    if (!(Number.isInteger(row) && row >= 0 && row < sampleCount)) throw wrong(`${describeValue(row)} at position ${i}`)
  }
  return rows instanceof Int32Array ? rows : Int32Array.from(rows)
}
