import { DataError, type LoadedSamples } from '@metric-learning/contracts'
import * as tf from '@tensorflow/tfjs-core'

/**
 * Checks samples that are embedded. A max pool passes over NaN, so that embeddings may be finite all the same, and those of something else.
 *
 * @param who whose samples they are
 * @throws {DataError} when a value is not finite; names the sample.
 */
export function expectFiniteSamples(who: string, { values, shape }: LoadedSamples): void {
  // Of a finite number nothing is left.
  let rest = 0
  for (let i = 0; i < values.length; i++) rest += values[i]! - values[i]!
  if (rest === 0) return
  const at = values.findIndex((value) => !Number.isFinite(value))
  throw notFinite(who, `${values[at]} in sample ${Math.floor((at * shape[0]!) / values.length)} of those that were loaded`)
}

/**
 * The same of samples on the device.
 *
 * @throws {DataError} when their sum is not finite.
 */
export async function expectFiniteTensor(who: string, samples: tf.Tensor): Promise<void> {
  // Kept, should the caller be within a tidy.
  const sum = tf.keep(tf.sum(samples))
  const [value] = await sum.data()
  sum.dispose()
  if (!Number.isFinite(value)) throw notFinite(who, `some whose sum is ${value}`)
}

const notFinite = (who: string, got: string): DataError =>
  new DataError({ who, wanted: 'samples of finite numbers', got, fix: 'Look for NaN in them; a division by a deviation of 0 makes some.' })
