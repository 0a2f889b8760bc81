import type * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations } from './labels/label-relations.js'

/** What a step is about, on the device. */
export interface Batch {
  /** The views of its samples, as networks take them: float32, row i of each shows sample i. */
  readonly views: readonly tf.Tensor[]
  /** The first view. */
  readonly samples: tf.Tensor
  /** Rows of the dataset: int32 [n]. */
  readonly rows: tf.Tensor1D
  /** Where random draws stand: int32 [3], for `drawIntegers` of ops. It follows from the run's seed, the epoch and the batch. */
  readonly position: tf.Tensor1D
  /**
   * Who is whose positive.
   *
   * @param column a label column of the dataset. Default: its `labels`.
   */
  relations(column?: string): LabelRelations
}
