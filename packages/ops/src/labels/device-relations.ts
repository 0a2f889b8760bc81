import * as tf from '@tensorflow/tfjs-core'
import type { DeviceReferenceLabels } from '@metric-learning/contracts'
import type { RelationParts } from './held-relations.js'

/**
 * Relations to references whose labels are on the device only. Whether anybody has a positive or a negative is not
 * known, and taken for granted.
 *
 * @param queryLabelTensor the labels of the queries on the device, which become a part
 * @param hasTriplets where that is known
 */
export function deviceRelations(
  queryLabels: Int32Array,
  queryLabelTensor: tf.Tensor1D,
  { refLabelTensor, isFilled, ownRows, maxPositives }: DeviceReferenceLabels,
  hasTriplets?: true,
): RelationParts {
  const referenceCount = refLabelTensor.shape[0]
  return {
    queryLabels,
    referenceLabels: new Int32Array(),
    referenceCount,
    sameSet: false,
    hasPositives: true,
    hasNegatives: true,
    hasTriplets,
    queryLabelTensor,
    referenceLabelTensor: tf.clone(refLabelTensor),
    listed: { room: maxPositives === undefined ? undefined : Math.min(maxPositives, referenceCount) },
    isFilled: tf.clone(isFilled),
    ...(ownRows && { ownRows: tf.clone(ownRows) }),
  }
}
