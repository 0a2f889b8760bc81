import { BackendError } from '@metric-learning/core'
import * as tf from '@tensorflow/tfjs-core'

/** Sum of the gradient for ones everywhere: each filter weight is seen once per output it can reach. */
function expectedGradientSum(images: number, size: number, channels: number, filters: number): number {
  const reach = (3 * size - 2) ** 2 // 'same' padding: the outer taps miss one row or column each
  return images * reach * channels * filters
}

/**
 * Times a convolution with both gradients on the backend in use: 64 images of 28 x 28 x 16, 32 filters of 3 x 3.
 *
 * @returns the median of `runs` in milliseconds, after one to warm up.
 * @throws {BackendError} when the gradient of a convolution over ones is not what arithmetic says.
 */
export async function timeConvolution(runs = 5): Promise<number> {
  const [images, size, channels, filters] = [64, 28, 16, 32]
  const x = tf.ones<tf.Rank.R4>([images, size, size, channels])
  const weights = tf.ones<tf.Rank.R4>([3, 3, channels, filters])
  const gradients = tf.grads((x: tf.Tensor, weights: tf.Tensor) =>
    tf.sum(tf.conv2d(x as tf.Tensor4D, weights as tf.Tensor4D, 1, 'same')),
  )
  const times: number[] = []
  try {
    for (let run = 0; run <= runs; run++) {
      const start = performance.now()
      const sums = tf.tidy(() => gradients([x, weights]).map((gradient) => tf.sum(gradient)))
      const values = await Promise.all(sums.map(async (sum) => (await sum.data())[0] ?? NaN))
      tf.dispose(sums)
      if (run > 0) times.push(performance.now() - start)
      const wanted = expectedGradientSum(images, size, channels, filters)
      const wrong = values.find((value) => !(Math.abs(value - wanted) <= 1e-3 * wanted))
      if (wrong !== undefined) {
        throw new BackendError({
          who: `backend '${tf.getBackend()}'`,
          wanted: `gradients that sum to ${wanted}`,
          got: String(wrong),
          fix: 'The installation is damaged: remove the cache folder and run the set-up again.',
        })
      }
    }
  } finally {
    tf.dispose([x, weights])
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!
}
