import * as tf from '@tensorflow/tfjs-core'

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
  const count = tf.customGrad((points, save) => {
    const { lower, share, isInside } = softBins(points as tf.Tensor, nodes)
    const rowStart = tf.tensor2d(Int32Array.from({ length: rows }, (_, row) => row * nodes.nodes), [rows, 1], 'int32')
    const place = tf.reshape(tf.add(lower, rowStart), [-1])
    const upperMass = tf.mul(weights, share)
    const mass = tf.concat([tf.reshape(tf.sub(weights, upperMass), [-1]), tf.reshape(upperMass, [-1])])
    const places = tf.expandDims(tf.concat([place, nextTo(place)]), 1)
    ;(save as tf.GradSaveFunc)([place, tf.mul(weights, isInside)])
    return {
      value: tf.reshape(tf.scatterND(places, mass, [rows * nodes.nodes]), [rows, nodes.nodes]),
      gradFunc: (dy, saved) => {
        const [at, weight] = saved as [tf.Tensor1D, tf.Tensor2D]
        const flat = tf.reshape(dy, [-1])
        const step = tf.sub(tf.gather(flat, nextTo(at)), tf.gather(flat, at))
        return tf.mul(tf.div(weight, nodes.width), tf.reshape(step, weight.shape))
      },
    }
  })
  return count(values) as tf.Tensor2D
}

const nextTo = (nodes: tf.Tensor): tf.Tensor1D => tf.add(nodes, tf.scalar(1, 'int32'))

/** Where values lie between nodes. */
export interface SoftBins {
  /** The node before each value, at most the last but one: int32. */
  readonly lower: tf.Tensor
  /** How far each value is from that node to the next, in [0, 1]. */
  readonly share: tf.Tensor
  /** 1 for values from the first node to the last, else 0. */
  readonly isInside: tf.Tensor
}

/** The nodes around each value. A NaN has the node 0 and the share NaN, so that it shows in what is counted. */
export function softBins(values: tf.Tensor, { low, width, nodes }: HistogramNodes): SoftBins {
  const position = tf.div(tf.sub(values, low), width)
  const clipped = tf.where(tf.isNaN(position), position, tf.clipByValue(position, 0, nodes - 1))
  const before = tf.where(tf.isNaN(clipped), 0, tf.minimum(tf.floor(clipped), nodes - 2))
  return {
    lower: tf.cast(before, 'int32'),
    share: tf.sub(clipped, before),
    isInside: tf.cast(tf.logicalAnd(tf.greaterEqual(position, 0), tf.lessEqual(position, nodes - 1)), 'float32'),
  }
}
