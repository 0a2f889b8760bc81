import * as tf from '@tensorflow/tfjs-core'

/**
 * Gradients of `f` at `inputs`, float32 zeros for inputs that it does not depend on, for use within the gradient of a
 * `tf.customGrad`: there tfjs holds one tape, which a plain `tf.grads` would take for its own and throw away.
 */
export function gradientsApart(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: readonly tf.Tensor[], dy: tf.Tensor): tf.Tensor[] {
  const engine = tf.engine()
  const { activeTape } = engine.state
  try {
    const { value, grads } = engine.gradients(() => f(...inputs), [...inputs], dy, true)
    value.dispose()
    // Null for inputs that lead nowhere, whatever its type says.
    return (grads as (tf.Tensor | null | undefined)[]).map((gradient, i) => gradient ?? tf.zeros(inputs[i]!.shape))
  } finally {
    engine.state.activeTape = activeTape
  }
}
