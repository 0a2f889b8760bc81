import type * as tf from '@tensorflow/tfjs-core'

/** Class labels on the host: one integer a row. */
export type Labels = Int32Array | readonly number[]

/** The other side of a comparison, when a batch is not compared with itself. */
export interface ReferenceLabels {
  readonly refLabels: Labels
  /**
   * True when row i of the references *is* row i of the queries, so that (i, i) is no pair.
   * Default false.
   */
  readonly sameSet?: boolean
}

/**
 * References whose labels are on the device only: those of a memory change from step to step, while its size does not.
 */
export interface DeviceReferenceLabels {
  /** int32 [m] */
  readonly refLabelTensor: tf.Tensor1D
  /** 1 where a row holds a reference, 0 where it is empty and nobody's positive or negative: float32 [m]. */
  readonly isFilled: tf.Tensor1D
  /** The row of the references that each query *is*, so that the two are no pair: int32 [n]. Default: none is. */
  readonly ownRows?: tf.Tensor1D
  /**
   * How many positives of a query, the first ones, {@link LabelRelations.positiveIndex} has room for. Default: it is refused to
   * whoever asks for it.
   */
  readonly maxPositives?: number
}

const brand = Symbol.for('metric-learning.labelRelations')

/**
 * Who is whose positive in one batch: everything that depends on labels alone.
 *
 * Worked out on the host once per batch, then on the device as small tensors, so that nothing
 * inside a step ever reads a label back. n queries are compared with m references; k is the largest
 * number of positives of a query (at least 1, so that shapes never vanish).
 *
 * Made by `relationsOf`, `relationsByComparison` and `relationsToDeviceLabels` of `@metric-learning/ops`. The tensors belong
 * to whoever made them: call {@link dispose}, or make it inside `tf.tidy`.
 */
export interface LabelRelations {
  /** Tells relations from labels, whichever copy of a package made them. */
  readonly [brand]: true
  /** Rows of the queries, n. */
  readonly queryCount: number
  /** Rows of the references, m. */
  readonly referenceCount: number
  /** Positives of the query that has most, at least 1. */
  readonly maxPositives: number
  /** False when no query has a positive. */
  readonly hasPositives: boolean
  /** False when no query has a negative. */
  readonly hasNegatives: boolean
  /** False when no query has both. `undefined` where the labels of the references are on the device only, and it is not known. */
  readonly hasTriplets: boolean | undefined
  /**
   * True when rows of labels were compared, as by `relationsByComparison`: labels then number the distinct rows of this batch, and
   * mean nothing beside those of another one.
   */
  readonly byComparison: boolean
  readonly queryLabels: Int32Array
  /** Empty when they are on the device only. */
  readonly referenceLabels: Int32Array
  readonly sameSet: boolean
  /** Labels of the queries, int32 [n]. */
  readonly queryLabelTensor: tf.Tensor1D
  /** Labels of the references, int32 [m]. */
  readonly referenceLabelTensor: tf.Tensor1D
  /** For each query the rows of its positives, ascending, padded with 0: int32 [n, k]. */
  readonly positiveIndex: tf.Tensor2D
  /** 1 where {@link positiveIndex} holds a positive, 0 where it is padding: float32 [n, k]. */
  readonly positiveIndexMask: tf.Tensor2D
  /** All tensors it holds: the inputs of a step over it. */
  readonly tensors: readonly tf.Tensor[]
  /** 1 where query and reference share a label and are not the same row: float32 [n, m]. Computed on the device. */
  positives(): tf.Tensor2D
  /** 1 where labels differ, a row and itself left out: float32 [n, m]. Computed on the device. */
  negatives(): tf.Tensor2D
  /**
   * What {@link positives} and {@link negatives} follow from where that is which labels are equal, for whoever compares these by itself; in
   * the `tf.tidy` of the asker. Absent or `undefined`: from something else.
   */
  equality?(): LabelEquality | undefined
  /** The same of some queries at a time, for functions over blocks of rows. */
  byBlocks(): RelationBlocks
  /** Frees the tensors. */
  dispose(): void
}

/** Relations of which query and reference are positives where their labels are equal, and negatives otherwise; but: */
export interface LabelEquality {
  /** The reference that each query *is*, so that the two are no pair: int32 [n]. Absent: none is. */
  readonly ownRows?: tf.Tensor1D | undefined
  /** 0 where a reference is empty and nobody's positive or negative: float32 [m]. Absent: none is. */
  readonly isFilled?: tf.Tensor1D | undefined
}

/** What relations of a block of queries are made of. */
export interface RelationBlocks {
  /** Of each query a row; constants. */
  readonly constants: readonly tf.Tensor[]
  /** The same for all queries; constants. */
  readonly whole: readonly tf.Tensor[]
  /** The relations of the queries whose rows these are. They have no labels on the host. */
  of(block: Pick<RelationBlocks, 'constants' | 'whole'>): LabelRelations
}

/** The brand of {@link LabelRelations}, for whoever makes them. */
export const labelRelationsBrand: typeof brand = brand

/** Whether these are relations that were worked out, and not labels. */
export function isLabelRelations(value: unknown): value is LabelRelations {
  return typeof value === 'object' && value !== null && brand in value
}
