import * as tf from '@tensorflow/tfjs-core'
import { divNoNan, FusedKernel, hasFusedKernel, mapRowBlocks, rowsOfBlock, withGradients } from '@metric-learning/ops'
import { lpNormValue, lpSlope } from './lp-norm.js'

/** Bytes that a block of rows may take in the fused kernel in all: 256 MiB, where a batch of 2,048 is one block. */
const fusedBlockBytes = 256 * 2 ** 20

/**
 * All distances ‖x_i - y_j‖_p: float32 [n, m].
 *
 * Equal rows are at exactly 0 and near ones keep their relative precision; the expansion
 * ‖x‖² - 2x·y + ‖y‖² through a matrix product in float32, which PyTorch uses beyond 25 rows, is off by up to 6e-4
 * there. For p = 2 a backend may have a fused kernel that expands with more care ({@link FusedKernel}). Otherwise
 * each is summed from the differences themselves: [rows, m, dim], formed in blocks of rows within {@link blockBytes},
 * and never kept for the gradient.
 *
 * The gradient at distance 0 is 0. For p = 2 it takes matrix products instead of differences:
 * with w = dy / d, dx_i = x_i Σ_j w_ij - Σ_j w_ij y_j; one product in place of two where y is x.
 *
 * @param diagonal that row i of x is row i + diagonal of y: the fused kernel need not find out that they are equal
 */
export function lpMatrix(x: tf.Tensor2D, y: tf.Tensor2D, p: number, diagonal?: number): tf.Tensor2D {
  return x === y ? amongRows(x, p) : betweenSets(x, y, p, diagonal)
}

function amongRows(rows: tf.Tensor2D, p: number): tf.Tensor2D {
  const matrix = tf.customGrad((x, save) => {
    const value = lpDistances(x as tf.Tensor2D, x as tf.Tensor2D, p, 0)
    ;(save as tf.GradSaveFunc)([x as tf.Tensor2D, value])
    return {
      value,
      gradFunc: (dy, saved) => {
        const [of, distances] = saved as [tf.Tensor2D, tf.Tensor2D]
        if (p === 2) return alongDifferences(bothWays(divNoNan<tf.Tensor2D>(dy, distances)), of, of)
        return lpGradient(bothWays(dy as tf.Tensor2D), of, of, distances, p)
      },
    }
  })
  return matrix(rows) as tf.Tensor2D
}

function betweenSets(x: tf.Tensor2D, y: tf.Tensor2D, p: number, diagonal: number | undefined): tf.Tensor2D {
  return withGradients<tf.Tensor2D>([x, y], (save) => {
    const value = lpDistances(x, y, p, diagonal)
    save([x, y, value])
    return {
      value,
      gradients: (dy, saved) => {
        const [left, right, distances] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]
        const weights = dy as tf.Tensor2D
        if (p !== 2) {
          return [
            () => lpGradient(weights, left, right, distances, p),
            () => lpGradient(tf.transpose(weights), right, left, tf.transpose(distances), p),
          ]
        }
        const along = divNoNan<tf.Tensor2D>(weights, distances)
        return [() => alongDifferences(along, left, right), () => alongDifferences(tf.transpose(along), right, left)]
      },
    }
  })
}

/** What comes back to a row as the first of a pair and as the second. */
const bothWays = (pairs: tf.Tensor2D): tf.Tensor2D => tf.add(pairs, tf.transpose(pairs))

function lpDistances(x: tf.Tensor2D, y: tf.Tensor2D, p: number, diagonal: number | undefined): tf.Tensor2D {
  if (p === 2 && hasFusedKernel(FusedKernel.euclideanDistances)) return fusedDistances(x, y, diagonal)
  const right = tf.expandDims(y, 0)
  return mapRowBlocks(rowsOfBlock(y.size), [x], ([block]) => {
    const left = tf.expandDims(block!, 1)
    if (p === 2) return tf.sqrt(tf.sum<tf.Tensor2D>(tf.squaredDifference(left, right), 2))
    return lpNormValue(tf.sub(left, right), p) as tf.Tensor2D
  })
}

/** By a matrix product, of which a block takes up to four float64 matrices [rows, m]. */
function fusedDistances(x: tf.Tensor2D, y: tf.Tensor2D, diagonal: number | undefined): tf.Tensor2D {
  const rows = rowsOfBlock(8 * y.shape[0], fusedBlockBytes)
  return mapRowBlocks(rows, [x], ([block], start) => {
    const attributes = diagonal === undefined ? {} : { diagonal: diagonal + start }
    return tf.engine().runKernel<tf.Tensor2D>(FusedKernel.euclideanDistances, { x: block!, y }, attributes)
  })
}

/** Σ_j w_ij (x_i - y_j): float32 of x's shape. */
function alongDifferences(weights: tf.Tensor2D, x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D {
  return tf.sub(tf.mul(x, tf.sum(weights, 1, true)), tf.matMul(weights, y))
}

/** Σ_j dy_ij slope((x_i - y_j) / d_ij): float32 of x's shape. */
function lpGradient(dy: tf.Tensor2D, x: tf.Tensor2D, y: tf.Tensor2D, distances: tf.Tensor2D, p: number): tf.Tensor2D {
  const right = tf.expandDims(y, 0)
  return mapRowBlocks(rowsOfBlock(y.size), [dy, x, distances], ([dyBlock, xBlock, distanceBlock]) => {
    const difference = tf.sub(tf.expandDims(xBlock!, 1), right)
    const slope = lpSlope(divNoNan(difference, tf.expandDims(distanceBlock!, 2)), p)
    return tf.sum<tf.Tensor2D>(tf.mul(tf.expandDims(dyBlock!, 2), slope), 1)
  })
}
