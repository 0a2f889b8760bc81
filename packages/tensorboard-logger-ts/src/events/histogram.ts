import { TensorBoardLoggerError } from '../errors/tensorboard-logger-error.js'
import type { HistogramProto } from './event-proto.js'

/** TensorBoard shows as many, whatever it is given. */
const BUCKETS = 30

/**
 * Counts values in 30 buckets of equal width between the least and the largest of them.
 *
 * @throws {TensorBoardLoggerError} `TBL_ARGUMENT` when there is no value, or one is not finite.
 */
export function histogramOf(values: ArrayLike<number>): HistogramProto {
  let [min, max, sum, sumSquares] = [Infinity, -Infinity, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    expectFinite(value, i)
    min = Math.min(min, value)
    max = Math.max(max, value)
    sum += value
    sumSquares += value * value
  }
  if (values.length === 0) throw badValues('at least one value', 'none')
  // Halved where the range is beyond all numbers.
  const scale = Number.isFinite(max - min) ? 1 : 0.5
  const width = (max * scale - min * scale) / BUCKETS
  const bucket = new Array<number>(BUCKETS).fill(0)
  for (let i = 0; i < values.length; i++) {
    const index = width > 0 ? Math.floor((values[i]! * scale - min * scale) / width) : 0
    bucket[Math.min(index, BUCKETS - 1)]! += 1
  }
  const bucketLimit = bucket.map((_, i) => (i === BUCKETS - 1 ? max : (min * scale + (i + 1) * width) / scale))
  return { min, max, num: values.length, sum, sumSquares, bucketLimit, bucket }
}

function expectFinite(value: number, index: number): void {
  if (!Number.isFinite(value)) throw badValues('finite values', `${value} at index ${index}`)
}

function badValues(wanted: string, got: string): TensorBoardLoggerError {
  return new TensorBoardLoggerError('TBL_ARGUMENT', {
    who: 'EventFileWriter.histogram',
    wanted,
    got,
    fix: 'Leave this histogram out, or filter its values.',
  })
}
