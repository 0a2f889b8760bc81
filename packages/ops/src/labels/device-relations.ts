import * as tf from '@tensorflow/tfjs-core'
import type { DeviceReferenceLabels } from '@metric-learning/contracts'
import type { RelationParts } from './held-relations.js'

/**
 * Relations to references whose labels are on the device only. Whether anybody has a positive or a negative is not
 * known, and taken for granted.
 *
 * @param queryLabelTensor the labels of the queries on the device, which become a part
 */
export function deviceRelations(
  queryLabels: Int32Array,
  queryLabelTensor: tf.Tensor1D,
  { refLabelTensor, isFilled, maxPositives }: DeviceReferenceLabels,
): RelationParts {
  const referenceCount = refLabelTensor.shape[0]
  const [positiveIndex, positiveIndexMask] = tf.tidy(() => {
    const same = tf.equal<tf.Tensor2D>(tf.expandDims(queryLabelTensor, 1), tf.expandDims(refLabelTensor, 0))
    return firstPositives(tf.mul(tf.cast(same, 'float32'), isFilled), Math.min(maxPositives, referenceCount))
  })
  return {
    queryLabels,
    referenceLabels: new Int32Array(),
    referenceCount,
    sameSet: false,
    hasPositives: true,
    hasNegatives: true,
    queryLabelTensor,
    referenceLabelTensor: tf.clone(refLabelTensor),
    positiveIndex,
    positiveIndexMask,
    isFilled: tf.clone(isFilled),
  }
}

/** For each row the columns of its first k ones, ascending and padded with 0, and where it has them: [n, k] each. */
function firstPositives(positives: tf.Tensor2D, k: number): [tf.Tensor2D, tf.Tensor2D] {
  const { values, indices } = tf.topk(positives, k)
  return [tf.mul<tf.Tensor2D>(indices, tf.cast(values, 'int32')), values as tf.Tensor2D]
}
