import { BackendError } from '@metric-learning/contracts'
import * as tf from '@tensorflow/tfjs-core'

/** Sum of the gradient for ones everywhere: each filter weight is seen once per output it can reach. */
function expectedGradientSum(images: number, size: number, channels: number, filters: number): number {
  const reach = (3 * size - 2) ** 2 // 'same' padding: the outer taps miss one row or column each
  return images * reach * channels * filters
}

/**
 * Times a convolution with both gradients on the backend in use: 8 images of 14 x 14 x 16, 16 filters of 3 x 3.
 *
 * @returns the median in milliseconds of up to 9 runs, fewer when they take more than a second, after one to warm up.
 * @throws {BackendError} when the gradient of a convolution over ones is not what arithmetic says.
 */
export async function timeConvolution(): Promise<number> {
  const [images, size, channels, filters] = [8, 14, 16, 16]
  const x = tf.ones<tf.Rank.R4>([images, size, size, channels])
  const weights = tf.ones<tf.Rank.R4>([3, 3, channels, filters])
  const gradients = tf.grads((x: tf.Tensor, weights: tf.Tensor) =>
    tf.sum(tf.conv2d(x as tf.Tensor4D, weights as tf.Tensor4D, 1, 'same')),
  )
  const times: number[] = []
  try {
    const deadline = performance.now() + 1000
    for (let run = 0; run < 2 || (run < 10 && performance.now() < deadline); run++) {
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
