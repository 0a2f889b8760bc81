import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel, hasFusedKernel } from '@metric-learning/core'
import { lpNormValue, lpSlope } from './lp-norm.js'
import { mapRowBlocks, rowsWithin } from './row-blocks.js'

/** Bytes that the differences of one block of rows may take: 64 MiB. */
const blockBytes = 64 * 2 ** 20

/** Bytes that a block of rows may take in the fused kernel: 256 MiB, where a batch of 2,048 is one block. */
const fusedBlockBytes = 256 * 2 ** 20

/**
 * All distances ‖x_i - y_j‖_p: float32 [n, m].
 *
 * Equal rows are at exactly 0 and near ones keep their relative precision; the expansion
 * ‖x‖² - 2x·y + ‖y‖² through a matrix product, which PyTorch uses beyond 25 rows, is off by up to 6e-4
 * there. For p = 2 a backend may have a fused kernel that expands in float64 ({@link FusedKernel}): it is off by
 * less than rows of float32 are rounded, and right to 1e-5 from 1e-5 of their length on. Otherwise
 * each is summed from the differences themselves: [rows, m, dim], formed in blocks of rows of at most
 * 64 MiB, and never kept for the gradient.
 *
 * The gradient at distance 0 is 0. For p = 2 it takes matrix products instead of differences:
 * with w = dy / d, dx_i = x_i Σ_j w_ij - Σ_j w_ij y_j.
 */
export function lpMatrix(x: tf.Tensor2D, y: tf.Tensor2D, p: number): tf.Tensor2D {
  const matrix = tf.customGrad((from, to, save) => {
    const inputs = [from, to] as [tf.Tensor2D, tf.Tensor2D]
    const value = lpDistances(...inputs, p)
    ;(save as tf.GradSaveFunc)([...inputs, value])
    return {
      value,
      gradFunc: (dy, saved) => {
        const [x, y, distances] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]
        if (p === 2) return euclideanGradient(dy as tf.Tensor2D, x, y, distances)
        return [
          lpGradient(dy as tf.Tensor2D, x, y, distances, p),
          lpGradient(tf.transpose(dy as tf.Tensor2D), y, x, tf.transpose(distances), p),
        ]
      },
    }
  })
  return matrix(x, y) as tf.Tensor2D
}

function lpDistances(x: tf.Tensor2D, y: tf.Tensor2D, p: number): tf.Tensor2D {
  if (p === 2 && hasFusedKernel(FusedKernel.euclideanDistances)) return fusedDistances(x, y)
  const right = tf.expandDims(y, 0)
  return mapRowBlocks(rowsWithin(blockBytes, 4 * y.size), [x], ([block]) => {
    const left = tf.expandDims(block!, 1)
    if (p === 2) return tf.sqrt(tf.sum<tf.Tensor2D>(tf.squaredDifference(left, right), 2))
    return lpNormValue(tf.sub(left, right), p) as tf.Tensor2D
  })
}

/** By a matrix product in float64, of which a block takes four matrices [rows, m]. */
function fusedDistances(x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D {
  const rows = rowsWithin(fusedBlockBytes, 4 * 8 * y.shape[0])
  return mapRowBlocks(rows, [x], ([block]) => tf.engine().runKernel(FusedKernel.euclideanDistances, { x: block!, y }) as tf.Tensor2D)
}

function euclideanGradient(dy: tf.Tensor2D, x: tf.Tensor2D, y: tf.Tensor2D, distances: tf.Tensor2D): tf.Tensor[] {
  const weights = tf.divNoNan<tf.Tensor2D>(dy, distances)
  const ofRows = tf.sum<tf.Tensor2D>(weights, 1, true)
  const ofColumns = tf.expandDims(tf.sum(weights, 0), 1)
  return [
    tf.sub(tf.mul(x, ofRows), tf.matMul(weights, y)),
    tf.sub(tf.mul(y, ofColumns), tf.matMul(weights, x, true, false)),
  ]
}

/** Σ_j dy_ij slope((x_i - y_j) / d_ij): float32 of x's shape. */
function lpGradient(dy: tf.Tensor2D, x: tf.Tensor2D, y: tf.Tensor2D, distances: tf.Tensor2D, p: number): tf.Tensor2D {
  const right = tf.expandDims(y, 0)
  return mapRowBlocks(rowsWithin(blockBytes, 4 * y.size), [dy, x, distances], ([dyBlock, xBlock, distanceBlock]) => {
    const difference = tf.sub(tf.expandDims(xBlock!, 1), right)
    const slope = lpSlope(tf.divNoNan(difference, tf.expandDims(distanceBlock!, 2)), p)
    return tf.sum<tf.Tensor2D>(tf.mul(tf.expandDims(dyBlock!, 2), slope), 1)
  })
}
