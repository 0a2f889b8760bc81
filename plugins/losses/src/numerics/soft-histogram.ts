import * as tf from '@tensorflow/tfjs-core'
import { bincount } from '@metric-learning/ops'

/** Nodes at low, low + width, …, low + (nodes - 1) · width. */
export interface HistogramNodes {
  readonly low: number
  readonly width: number
  /** At least 2. */
  readonly nodes: number
}

/**
 * A histogram of each row, differentiable with respect to the values: float32 [rows, nodes].
 *
 * A value counts for the two nodes around it, for the nearer one more: with f the way from node b to
 * node b + 1 it adds w (1 - f) to b and w f to b + 1. Values beyond the first or the last node count
 * there, with gradient 0. Memory O(rows · columns), whatever the number of nodes.
 *
 * @param values float32 [rows, columns]
 * @param weights how often each value counts, of the same shape; constants
 */
export function softHistogram(values: tf.Tensor2D, weights: tf.Tensor2D, nodes: HistogramNodes): tf.Tensor2D {
  const rows = values.shape[0]
  const size = rows * nodes.nodes
  const count = tf.customGrad((points, save) => {
    const { lower, share, isInside } = softBins(points as tf.Tensor, nodes)
    const rowStart = tf.tensor2d(Int32Array.from({ length: rows }, (_, row) => row * nodes.nodes), [rows, 1], 'int32')
    const places = tf.reshape<tf.Rank.R1>(rows === 1 ? lower : tf.add(lower, rowStart), [-1])
    const ofNext = tf.mul(weights, share)
    const sums = (mass: tf.Tensor) => tf.reshape<tf.Rank.R2>(bincount(places, tf.reshape(mass, [-1]), size), [rows, nodes.nodes])
    ;(save as tf.GradSaveFunc)([places, tf.mul(weights, isInside)])
    return {
      value: tf.add(sums(tf.sub(weights, ofNext)), oneOn(sums(ofNext))),
      gradFunc: (dy, saved) => {
        const [at, weight] = saved as [tf.Tensor1D, tf.Tensor2D]
        const slopes = tf.div(tf.sub(oneBack(dy as tf.Tensor2D), dy), nodes.width)
        return tf.mul(weight, tf.reshape(tf.gather(tf.reshape(slopes, [-1]), at), weight.shape))
      },
    }
  })
  return count(values) as tf.Tensor2D
}

/**
 * Σ w v over the values from each node to the next, those beyond the last node there: float32 [nodes]. Its gradient is that
 * of values which stay between their nodes.
 */
export function sumsBetweenNodes(values: tf.Tensor2D, weights: tf.Tensor2D, nodes: HistogramNodes): tf.Tensor1D {
  const compute = tf.customGrad((points, save) => {
    const { lower, share } = softBins(points as tf.Tensor, nodes)
    const node = tf.reshape<tf.Rank.R1>(tf.add(lower, tf.cast(tf.greaterEqual(share, 1), 'int32')), [-1])
    ;(save as tf.GradSaveFunc)([node, weights])
    return {
      value: bincount(node, tf.reshape(tf.mul(weights, points as tf.Tensor), [-1]), nodes.nodes),
      gradFunc: (dy, saved) => {
        const [at, weight] = saved as [tf.Tensor1D, tf.Tensor2D]
        return tf.mul(weight, tf.reshape(tf.gather(dy, at), weight.shape))
      },
    }
  })
  return compute(values) as tf.Tensor1D
}

/** Each column where the next one was; the last one, which is 0 here, falls out. */
const oneOn = (matrix: tf.Tensor2D): tf.Tensor2D => tf.pad(tf.slice(matrix, [0, 0], [-1, matrix.shape[1] - 1]), [[0, 0], [1, 0]])

/** Each column where the one before it was, and 0 in the last one. */
const oneBack = (matrix: tf.Tensor2D): tf.Tensor2D => tf.pad(tf.slice(matrix, [0, 1]), [[0, 0], [0, 1]])

/** Where values lie between nodes. */
interface SoftBins {
  /** The node before each value, at most the last but one: int32. */
  readonly lower: tf.Tensor
  /** How far each value is from that node to the next, in [0, 1]. */
  readonly share: tf.Tensor
  /** 1 for values from the first node to the last, else 0. */
  readonly isInside: tf.Tensor
}

/** The nodes around each value. A NaN has some node and the share NaN, so that it shows in what is counted. */
function softBins(values: tf.Tensor, { low, width, nodes }: HistogramNodes): SoftBins {
  const position = tf.div(tf.sub(values, low), width)
  const clipped = tf.clipByValue(position, 0, nodes - 1)
  const last = tf.scalar(nodes - 2, 'int32')
  const lower = tf.maximum(tf.minimum(tf.cast(clipped, 'int32'), last), tf.scalar(0, 'int32'))
  return {
    lower,
    share: tf.sub(clipped, tf.cast(lower, 'float32')),
    isInside: tf.cast(tf.equal(clipped, position), 'float32'),
  }
}
