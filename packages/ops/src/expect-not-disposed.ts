import type * as tf from '@tensorflow/tfjs-core'
import { StateError } from '@metric-learning/contracts'

/**
 * Checks that what something remembers is still there.
 *
 * @throws {StateError} when a variable of it was disposed.
 */
export function expectNotDisposed(who: string, variables: Iterable<tf.Tensor>): void {
  for (const { isDisposed } of variables) {
    if (!isDisposed) continue
    throw new StateError({ who, wanted: 'a call before dispose()', got: 'one after it', fix: 'Make another one, and dispose it when nobody needs it any more.' })
  }
}
