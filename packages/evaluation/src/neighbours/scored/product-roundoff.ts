import * as tf from '@tensorflow/tfjs-core'

/** Sizes at which devices take the kernels that they take for large products. */
const [ROWS, INNER, COLUMNS] = [32, 64, 64]

/**
 * How much of a float32 number the matrix products of the device lose as it goes in, relative to it: 0 as a rule, about 2^-11 where a
 * GPU computes in TensorFloat-32.
 */
export async function productRoundoff(): Promise<number> {
  // 1 + 2^-1, 1 + 2^-2, …, 1 + 2^-23 times 1: one number a row, and the others 0.
  const inputs = Float32Array.from({ length: 23 }, (_, bit) => 1 + 2 ** -(bit + 1))
  const products = tf.tidy(() => {
    const left = new Float32Array(ROWS * INNER)
    inputs.forEach((input, row) => (left[row * INNER + row] = input))
    return tf.matMul(tf.tensor2d(left, [ROWS, INNER]), tf.ones([COLUMNS, INNER]), false, true)
  })
  try {
    const outputs = await products.data<'float32'>()
    return inputs.reduce((most, input, row) => Math.max(most, Math.abs(outputs[row * COLUMNS]! - input) / input), 0)
  } finally {
    products.dispose()
  }
}
