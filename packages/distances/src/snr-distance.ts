import * as tf from '@tensorflow/tfjs-core'
import { ShapeError } from '@metric-learning/contracts'
import { divNoNan, meanOver, sumOver } from '@metric-learning/ops'
import { BaseDistance, type DistanceOptions } from './base-distance.js'
import { elementwisePower } from './elementwise-power.js'
import { lpMatrix } from './lp-matrix.js'

/**
 * var(x - y) / var(x) to a power, the inverse signal-to-noise ratio of y as x with noise: variances over the
 * coordinates of an embedding, so that the number of coordinates cancels out.
 *
 * Not symmetric: the query is the signal. A query of equal coordinates has no variance: it is at 0 from itself and
 * infinitely far from others, with gradient 0. Embeddings are normalised by default.
 *
 * Memory O(n m): with rows centred at their means the numerator is a squared Euclidean distance, see {@link LpDistance}.
 *
 * Yuan et al.: Signal-to-Noise Ratio (CVPR 2019), eq. 4.
 *
 * @formula d(x, y) = \left( \frac{\mathrm{var}(x - y)}{\mathrm{var}(x)} \right)^{\text{power}}
 * @useWhen A pair should count by its difference beside the spread of its anchor: with {@link ZeroMeanRegularizer}, as in its paper.
 * @example
 * await useBackend('auto')
 * const distance = new SNRDistance({ normalizeEmbeddings: false })
 * const matrix = distance.matrix(tf.tensor2d([[1, -1], [2, 0]])) // [[0, 0], [0, 0]]: adding a constant is no noise
 * @throws {OptionError} when an option is unknown, p is below 1, or power is not positive.
 * @throws {ShapeError} in {@link matrix} when embeddings have fewer than 2 coordinates.
 */
export class SNRDistance extends BaseDistance {
  constructor(options: DistanceOptions = {}) {
    super('SNRDistance', options, { measure: 'SNRDistance', isInverted: false, options: ['normalizeEmbeddings', 'p', 'power'] })
  }

  /** Of the embeddings as they are; {@link betweenRows} normalises. */
  pairwiseDistance(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    expectCoordinates(this.name, query)
    return tf.tidy(() => this.computeRows(query, references))
  }

  protected computeMatrix(query: tf.Tensor2D, references: tf.Tensor2D, diagonal?: number): tf.Tensor2D {
    expectCoordinates(this.name, query)
    const signal = centred(query)
    const noise = elementwisePower(lpMatrix(signal, references === query ? signal : centred(references), 2, diagonal), 2)
    return noiseToSignal(noise, sumOver(tf.square(signal), 1, true)) as tf.Tensor2D
  }

  protected computeRows(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    const signal = centred(query)
    const noise = tf.squaredDifference(signal, centred(references))
    return noiseToSignal(sumOver(noise, 1), sumOver(tf.square(signal), 1)) as tf.Tensor1D
  }
}

const centred = (rows: tf.Tensor2D): tf.Tensor2D => tf.sub(rows, meanOver(rows, 1, true))

/** noise / signal, and 0 where there is no noise. The gradient is 0 where there is no signal. */
function noiseToSignal(noise: tf.Tensor, signal: tf.Tensor): tf.Tensor {
  const ratio = tf.customGrad((n, s, save) => {
    const [of, to] = [n as tf.Tensor, s as tf.Tensor]
    const value = tf.where(tf.equal(of, 0), tf.zerosLike(of), tf.div(of, to))
    ;(save as tf.GradSaveFunc)([of, to])
    return {
      value,
      gradFunc: (dy, saved) => {
        const [from, by] = saved as [tf.Tensor, tf.Tensor]
        const ofNoise = divNoNan(dy, by)
        const ofSignal = tf.neg(tf.mul(ofNoise, divNoNan(from, by)))
        return [ofNoise, by.shape.at(-1) === 1 ? tf.sum(ofSignal, -1, true) : ofSignal]
      },
    }
  })
  return ratio(noise, signal)
}

function expectCoordinates(who: string, { shape: [, dim] }: tf.Tensor2D): void {
  if (dim < 2) {
    throw new ShapeError({
      who,
      wanted: 'embeddings of at least 2 coordinates',
      got: String(dim),
      fix: 'One coordinate has no variance; take another distance.',
    })
  }
}
