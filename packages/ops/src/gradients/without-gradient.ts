import * as tf from '@tensorflow/tfjs-core'

/**
 * Runs `body` off the gradient tape: its result counts as a constant, whatever it was computed from.
 *
 * tfjs has no stop-gradient; this is `tf.customGrad` of no inputs, within which nothing is recorded.
 * It also keeps the intermediate tensors of `body` from being saved for a backward pass.
 */
export function withoutGradient<T extends tf.Tensor>(body: () => T): T {
  return tf.customGrad(() => ({ value: body(), gradFunc: () => [] }))() as T
}
