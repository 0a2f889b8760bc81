import * as tf from '@tensorflow/tfjs-core'

/**
 * `tf.sum` over an axis, with a gradient that stays on the device: that of tfjs uploads ones of the shape of `x`, which
 * a captured step would keep as a constant.
 */
export function sumOver<T extends tf.Tensor>(x: tf.Tensor, axis: number, keepDims = false): T {
  const sum = tf.customGrad((values) => {
    const { shape } = values as tf.Tensor
    const kept = shape.map((extent, i) => (i === (axis + shape.length) % shape.length ? 1 : extent))
    return {
      value: tf.sum(values as tf.Tensor, axis, keepDims),
      gradFunc: (dy) => tf.broadcastTo(tf.reshape(dy, kept), shape as tf.ShapeMap[tf.Rank]),
    }
  })
  return sum(x) as T
}

/** `tf.mean` over an axis in the same way. */
export function meanOver<T extends tf.Tensor>(x: tf.Tensor, axis: number, keepDims = false): T {
  return tf.div(sumOver(x, axis, keepDims), x.shape.at(axis)!)
}
