import * as tf from '@tensorflow/tfjs-core'

/**
 * Runs `body` off the gradient tape: its results count as constants, whatever they were computed from.
 *
 * tfjs has no stop-gradient. Within a kernel it records nothing, and `body` counts as one here. It also keeps the intermediate
 * tensors of `body` from being saved for a backward pass; they are freed.
 *
 * @param body gives tensors, alone or in arrays and objects
 */
export function withoutGradient<T extends tf.TensorContainer>(body: () => T): T {
  const { state } = tf.engine()
  return tf.tidy(() => {
    state.kernelDepth += 1
    try {
      return body()
    } finally {
      state.kernelDepth -= 1
    }
  })
}
