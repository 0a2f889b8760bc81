import * as tf from '@tensorflow/tfjs-core'

/** A value, and how it follows from its inputs. */
export interface ValueWithGradients {
  readonly value: tf.Tensor
  /**
   * What makes the gradient of each input, in their order: only those that somebody wants are made, each by itself, and what it needs
   * in between is freed at once.
   *
   * @param saved what `save` was given
   */
  gradients(dy: tf.Tensor, saved: tf.Tensor[]): readonly (() => tf.Tensor)[]
}

/**
 * `tf.customGrad` for functions with a gradient that is dear and often not wanted, such as that of a memory of embeddings: with
 * `tf.customGrad` the gradients of all inputs are made wherever one of them is wanted.
 *
 * @param f given a function that keeps tensors for the gradients
 * @example
 * withGradients([a, b], (save) => {
 *   save([a, b])
 *   return { value: tf.matMul(a, b), gradients: (dy, [x, y]) => [() => tf.matMul(dy, y, false, true), () => tf.matMul(x, dy, true)] }
 * })
 */
export function withGradients<T extends tf.Tensor>(inputs: readonly tf.Tensor[], f: (save: (tensors: readonly tf.Tensor[]) => void) => ValueWithGradients): T {
  let made!: ValueWithGradients
  const invocation: Invocation = {
    inputs: Object.fromEntries(inputs.entries()),
    forwardFunc: (_backend, save) => {
      made = f(save)
      return made.value
    },
    backwardsFunc: (dy, saved) => Object.fromEntries(made.gradients(dy, saved).entries()),
  }
  return (tf.engine() as unknown as Engine).runKernelFunc(invocation) as T
}

/** What `tf.customGrad` is made of. */
interface Engine {
  runKernelFunc(invocation: Invocation): tf.Tensor
}

interface Invocation {
  readonly inputs: Readonly<Record<string, tf.Tensor>>
  forwardFunc(backend: unknown, save: (tensors: readonly tf.Tensor[]) => void): tf.Tensor
  backwardsFunc(dy: tf.Tensor, saved: tf.Tensor[]): Readonly<Record<string, () => tf.Tensor>>
}
