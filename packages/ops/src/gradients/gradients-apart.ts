import * as tf from '@tensorflow/tfjs-core'

/** What {@link gradientsApart} gives. */
export interface ValueAndGradients {
  readonly value: tf.Tensor
  /** One an input, float32 zeros for one that the value does not depend on. */
  readonly gradients: tf.Tensor[]
}

/**
 * The value of `f` and its gradients at `inputs`, for use within a function with a gradient of its own (`tf.customGrad`), on its way
 * forward or back. There tfjs holds one tape, which a plain `tf.grads` would go on with, or take for its own and throw away.
 */
export function gradientsApart(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: readonly tf.Tensor[], dy: tf.Tensor): ValueAndGradients {
  const engine = tf.engine()
  const { activeTape, gradientDepth, kernelDepth } = engine.state
  try {
    Object.assign(engine.state, { gradientDepth: 0, kernelDepth: 0 })
    const { value, grads } = engine.gradients(() => f(...inputs), [...inputs], dy, true)
    // Null for inputs that lead nowhere, whatever its type says.
    return { value, gradients: (grads as (tf.Tensor | null | undefined)[]).map((gradient, i) => gradient ?? tf.zeros(inputs[i]!.shape)) }
  } finally {
    Object.assign(engine.state, { activeTape, gradientDepth, kernelDepth })
  }
}

/** Whether tfjs writes down what is computed, so that somebody may ask for gradients. */
export const isTaped = (): boolean => {
  const { gradientDepth, kernelDepth } = tf.engine().state
  return gradientDepth > 0 && kernelDepth === 0
}
