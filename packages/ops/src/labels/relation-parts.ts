import type * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations } from '@metric-learning/contracts'

/** What relations hold; the tensors become the property of a {@link LabelRelations}. */
export interface RelationParts
  extends Pick<
    LabelRelations,
    | 'queryLabels'
    | 'referenceLabels'
    | 'referenceCount'
    | 'sameSet'
    | 'hasPositives'
    | 'hasNegatives'
    | 'queryLabelTensor'
    | 'referenceLabelTensor'
    | 'positiveIndex'
    | 'positiveIndexMask'
  > {
  /** Of references of which some are empty: 1 where a row holds a reference, float32 [m]. */
  readonly isFilled?: tf.Tensor1D
  /** 1 where query and reference agree, when that is more than equal numbers: float32 [n, m]. */
  readonly agrees?: tf.Tensor2D
}
