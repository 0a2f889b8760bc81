import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel, hasFusedKernel, option, scalars, type FormulaNumber } from '@metric-learning/ops'

/** The option of losses that are a softmax over classes. */
export const labelSmoothingOption = option.number({ default: 0, min: 0, max: 1 })

/**
 * Softmax cross entropy of each row, log Σ_c exp(logit_c) - logit_y: float32 [n]. Its gradient is
 * softmax - targets, which saves the two dozen operations of `tf.losses.softmaxCrossEntropy`; one kernel gives both
 * where the backend has {@link FusedKernel.softmaxCrossEntropy}.
 *
 * @param logits float32 [n, classes]
 * @param targets 1 at the class y of each row, else 0, or {@link smoothed}; a constant whose rows sum to 1
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  const compute = hasFusedKernel(FusedKernel.softmaxCrossEntropy) ? fused : composed
  const entropy = tf.customGrad((scores, save) => {
    const { value, saved, gradient } = compute(scores as tf.Tensor2D, targets)
    ;(save as tf.GradSaveFunc)([...saved])
    return { value, gradFunc: (dy, kept) => tf.mul(tf.expandDims(dy, 1), gradient(kept)) }
  })
  return entropy(logits) as tf.Tensor1D
}

interface Entropy {
  readonly value: tf.Tensor
  readonly saved: readonly tf.Tensor[]
  /** softmax - targets, from what was saved. */
  readonly gradient: (saved: readonly tf.Tensor[]) => tf.Tensor
}

function fused(logits: tf.Tensor2D, targets: tf.Tensor2D): Entropy {
  const outputs = tf.engine().runKernel<tf.Tensor[]>(FusedKernel.softmaxCrossEntropy, { logits, targets })
  const [value, gradient] = outputs as [tf.Tensor, tf.Tensor]
  return { value, saved: [gradient], gradient: (saved) => saved[0]! }
}

function composed(logits: tf.Tensor2D, targets: tf.Tensor2D): Entropy {
  const shifted = tf.sub(logits, tf.max(logits, 1, true))
  const exponentials = tf.exp(shifted)
  const total = tf.sum(exponentials, 1)
  return {
    value: tf.sub(tf.log(total), tf.sum(tf.mul(shifted, targets), 1)),
    saved: [exponentials, total, targets],
    gradient: (saved) => {
      const [e, sum, target] = saved as [tf.Tensor, tf.Tensor, tf.Tensor]
      return tf.sub(tf.div(e, tf.expandDims(sum, 1)), target)
    },
  }
}

/**
 * 1 at the class of each row, else 0: float32 [n, classes]. (`tf.oneHot` refuses a single class.)
 *
 * @param labels int32 [n], in [0, classes)
 */
export function targetMask(labels: tf.Tensor1D, classes: number): tf.Tensor2D {
  return tf.cast(tf.equal(tf.expandDims(labels, 1), tf.range(0, classes, 1, 'int32')), 'float32') as tf.Tensor2D
}

/**
 * Targets of which a part is spread evenly over all classes, (1 - ε) isTarget + ε / classes: float32 [n, classes].
 *
 * @param isTarget float32 [n, classes]
 * @param labelSmoothing ε; 0 leaves them as they are
 * @see Szegedy et al., Rethinking the Inception Architecture for Computer Vision, arXiv:1512.00567, section 7.
 */
export function smoothed(isTarget: tf.Tensor2D, labelSmoothing: FormulaNumber): tf.Tensor2D {
  if (labelSmoothing === 0) return isTarget
  return tf.add(tf.mul(isTarget, scalars.sub(1, labelSmoothing)), scalars.div(labelSmoothing, isTarget.shape[1]))
}
