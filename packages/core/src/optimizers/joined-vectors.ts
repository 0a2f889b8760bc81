import * as tf from '@tensorflow/tfjs-core'

/** All values one after the other: float32 [total]. */
export function join(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  return tf.concat(tensors.map((tensor) => (isVector(tensor) ? tensor : tf.reshape<tf.Rank.R1>(tensor, [tensor.size]))))
}

/** Hands each variable its part of what {@link join} would make of them. */
export function assignParts(variables: readonly tf.Variable[], joined: tf.Tensor): void {
  const sizes = variables.map((variable) => variable.size)
  const parts = variables.length === 1 ? [joined] : tf.split(joined, sizes)
  variables.forEach((variable, i) => {
    variable.assign(isVector(variable) ? parts[i]! : tf.reshape(parts[i]!, variable.shape))
  })
}

const isVector = (tensor: tf.Tensor): tensor is tf.Tensor1D => tensor.rank === 1
