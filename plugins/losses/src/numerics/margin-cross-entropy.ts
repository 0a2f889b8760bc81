import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel, hasFusedKernel } from '@metric-learning/ops'
import type { CosineMargin } from './angles.js'

/** How {@link marginCrossEntropy} changes scores. */
export interface MarginCrossEntropyOptions {
  /** Factor of all scores. */
  readonly scale: number | tf.Scalar
  /** ε, how much of each target is spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number | tf.Scalar
  /** What takes the place of the scores of the own classes, float32 [n]; called off the gradient tape. */
  readonly margin: (target: tf.Tensor1D) => CosineMargin
}

/**
 * Softmax cross entropy over scale · s_c, with margin(s_y) in place of s_y at the class y of each row: float32 [n]. With label
 * smoothing ε that is the one plus ε (logit_y - mean of logits).
 *
 * In one piece, with its gradient by hand: it touches the [n, classes] scores a third as often as the operations on
 * their own do, which is what its time goes by. The entropy itself is one kernel where the backend has
 * {@link FusedKernel.sparseSoftmaxCrossEntropy}.
 *
 * @param scores float32 [n, classes]
 * @param labels int32 [n], in [0, classes)
 */
export function marginCrossEntropy(
  scores: tf.Tensor2D,
  labels: tf.Tensor1D,
  { scale, labelSmoothing = 0, margin }: MarginCrossEntropyOptions,
): tf.Tensor1D {
  const { forward, backward } = hasFusedKernel(FusedKernel.sparseSoftmaxCrossEntropy) ? fused : composed
  const entropy = tf.customGrad((s, save) => {
    const from = s as tf.Tensor2D
    const places = tf.stack([tf.range(0, from.shape[0], 1, 'int32'), labels], 1) as tf.Tensor2D
    const { value: moved, slope } = margin(tf.gatherND(from, places) as tf.Tensor1D)
    const own = tf.mul<tf.Tensor1D>(moved, scale)
    const logits = tf.tensorScatterUpdate(tf.mul(from, scale), places, own) as tf.Tensor2D
    const { value, saved } = forward(logits, labels, own)
    ;(save as tf.GradSaveFunc)([places, tf.mul(slope, tf.onesLike(own)), ...saved])
    const isSmoothed = labelSmoothing !== 0
    const share = 1 / from.shape[1]
    return {
      value: isSmoothed ? tf.add(value, tf.mul(tf.sub(own, tf.mean(logits, 1)), labelSmoothing)) : value,
      gradFunc: (dy, [at, slopes, ...kept]) => {
        const factor = tf.mul(dy, scale)
        const { others, target } = backward(factor, kept, at as tf.Tensor2D)
        const spread = isSmoothed ? tf.mul(factor, labelSmoothing) : undefined
        const ofOthers = spread ? tf.sub(others, tf.expandDims(tf.mul(spread, share), 1)) : others
        const ofTarget = spread ? tf.add(target, tf.mul(spread, 1 - share)) : target
        return tf.tensorScatterUpdate(ofOthers, at as tf.Tensor2D, tf.mul(ofTarget, slopes!))
      },
    }
  })
  return entropy(scores) as tf.Tensor1D
}

/** One way of computing the entropy. */
interface Implementation {
  /** @param own the logits of the own classes, float32 [n] */
  forward(logits: tf.Tensor2D, labels: tf.Tensor1D, own: tf.Tensor1D): { value: tf.Tensor; saved: tf.Tensor[] }
  /**
   * factor · (softmax - isTarget): at the own classes as `target`, float32 [n], elsewhere as `others`, float32
   * [n, classes], whose values at the own classes don't count.
   */
  backward(factor: tf.Tensor, saved: tf.Tensor[], places: tf.Tensor2D): { others: tf.Tensor; target: tf.Tensor }
}

const fused: Implementation = {
  forward(logits, labels) {
    const outputs = tf.engine().runKernel<tf.Tensor[]>(FusedKernel.sparseSoftmaxCrossEntropy, { logits, labels })
    const [value, gradient] = outputs as [tf.Tensor, tf.Tensor]
    return { value, saved: [gradient] }
  },
  backward(factor, saved, places) {
    const gradient = saved[0]!
    return {
      others: tf.mul(gradient, tf.expandDims(factor, 1)),
      target: tf.mul(tf.gatherND(gradient, places), factor),
    }
  },
}

const composed: Implementation = {
  forward(logits, _labels, own) {
    const top = tf.max(logits, 1, true)
    const exponentials = tf.exp(tf.sub(logits, top))
    const total = tf.sum(exponentials, 1)
    return { value: tf.add(tf.log(total), tf.sub(tf.reshape(top, [-1]), own)), saved: [exponentials, total] }
  },
  backward(factor, saved, places) {
    const [exponentials, total] = saved as [tf.Tensor, tf.Tensor]
    const each = tf.div(factor, total)
    return {
      others: tf.mul(exponentials, tf.expandDims(each, 1)),
      target: tf.mul(tf.sub(tf.gatherND(exponentials, places), total), each),
    }
  },
}
