import { describeValue } from '../errors/describe-value.js'
import { LabelError } from '../errors/metric-learning-error.js'
import type { BatchSampler } from '../batch-sampler.js'
import type { Dataset } from '../dataset.js'

/**
 * Checks that a sampler was made for as many samples as the data set has. One that does not say passes.
 *
 * @throws {LabelError} when it was made for another number.
 */
export function expectSameSamples(sampler: Pick<BatchSampler, 'name' | 'sampleCount'>, dataset: Pick<Dataset, 'name' | 'labels'>): void {
  const { sampleCount } = sampler
  if (sampleCount === undefined || sampleCount === dataset.labels.length) return
  throw new LabelError({
    who: sampler.name,
    wanted: `to be made for the ${dataset.labels.length} samples of ${dataset.name}`,
    got: `one made for ${sampleCount}`,
    fix: 'Make the sampler from the labels of the data set that it draws from.',
  })
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
