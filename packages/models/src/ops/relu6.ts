import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel, hasFusedKernel } from '@metric-learning/ops'

/**
 * min(max(x, 0), 6), of the shape of x, with gradient 0 at 0 and at 6, as in PyTorch. (`tf.relu6` has 1 at 6.)
 *
 * @see Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10 (2010)
 */
export function relu6<T extends tf.Tensor>(x: T): T {
  return tf.customGrad<T>((input, save) => {
    const y = tf.relu6(input as T)
    const keep = save as tf.GradSaveFunc
    keep([y])
    return { value: y, gradFunc: (dy, saved) => relu6Gradient(dy, saved[0]!) }
  })(x)
}

/** One kernel where the backend has it. */
function relu6Gradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return hasFusedKernel(FusedKernel.relu6Grad)
    ? tf.engine().runKernel<tf.Tensor>(FusedKernel.relu6Grad, { dy, y })
    : tf.mul(dy, tf.mul(tf.step(y), tf.step(tf.sub(6, y))))
}
