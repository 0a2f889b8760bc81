import type * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, Labels } from './labels/label-relations.js'
import type { Selection, SelectionIndices } from './selection.js'
import type { References } from './loss.js'

/** What a miner may be told besides embeddings and labels. */
export interface MineOptions {
  /** A reference set. Default: the batch itself. */
  readonly references?: References
  /**
   * Pairs or triplets to choose among, as another miner selected them, for miners that {@link Miner.chooses}. Default: all that the
   * labels allow.
   */
  readonly among?: Selection | SelectionIndices
  /** Where random draws stand, for miners that draw: as for a loss. */
  readonly position?: tf.Tensor1D
  /**
   * Takes what a miner measures of what it selects, by the names of its {@link Miner.statistics}: float32 [] each, on the device and
   * within the step, there until the call returns.
   */
  readonly record?: (statistics: Readonly<Record<string, tf.Scalar>>) => void
}

/** Selects the pairs or triplets that a loss looks at, without leaving the device and without gradient. */
export interface Miner<S extends Selection = Selection> {
  readonly name: string
  /** The names of what it records in each call that has `record`. Absent: nothing. */
  readonly statistics?: readonly string[] | undefined
  /** Whether it takes `among`: it chooses among pairs or triplets that the caller may name. Default false. */
  readonly chooses?: boolean
  /**
   * @param embeddings float32 [n, dim]
   * @param labels one integer a row, or relations that were worked out before
   */
  mine(embeddings: tf.Tensor2D, labels: Labels | LabelRelations, options?: MineOptions): S
}
