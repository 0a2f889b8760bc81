import * as tf from '@tensorflow/tfjs-core'
import { identityMatrix } from '../kernels/identity-matrix.js'
import { agreementOf, type ComparedLabels } from './compared-labels.js'
import { deviceRelations } from './device-relations.js'
import { hostRelations } from './host-relations.js'
import { toLabelArray } from './label-array.js'
import type { RelationParts } from './relation-parts.js'

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
  /** How many positives of a query, the first ones, {@link LabelRelations.positiveIndex} has room for. */
  readonly maxPositives: number
}

/**
 * Who is whose positive in one batch: everything that depends on labels alone.
 *
 * Worked out on the host once per batch, then on the device as small tensors, so that nothing
 * inside a step ever reads a label back. n queries are compared with m references; k is the largest
 * number of positives of a query (at least 1, so that shapes never vanish).
 *
 * Made by {@link of} from labels, by {@link compare} from labels of several columns, by {@link withDeviceReferences}
 * where the references' labels are on the device only. The tensors belong to the creator: call {@link dispose}, or
 * create it inside `tf.tidy`.
 */
export class LabelRelations {
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
  readonly #isFilled: tf.Tensor1D | undefined
  readonly #agrees: tf.Tensor2D | undefined

  private constructor(parts: RelationParts) {
    this.queryLabels = parts.queryLabels
    this.referenceLabels = parts.referenceLabels
    this.queryCount = parts.queryLabels.length
    this.referenceCount = parts.referenceCount
    this.maxPositives = parts.positiveIndex.shape[1]
    this.hasPositives = parts.hasPositives
    this.hasNegatives = parts.hasNegatives
    this.sameSet = parts.sameSet
    this.queryLabelTensor = parts.queryLabelTensor
    this.referenceLabelTensor = parts.referenceLabelTensor
    this.positiveIndex = parts.positiveIndex
    this.positiveIndexMask = parts.positiveIndexMask
    this.#isFilled = parts.isFilled
    this.#agrees = parts.agrees
  }

  /**
   * Relations by equal labels.
   *
   * @param labels one integer a row
   * @param references the other side of the comparison. Default: the batch itself.
   * @throws {LabelError} when a label is not an integer, there is none, or `sameSet` does not hold.
   * @throws {ShapeError} when `sameSet` is true with fewer references than queries.
   */
  static of(labels: Labels, references?: ReferenceLabels): LabelRelations {
    return new LabelRelations(hostRelations(toLabelArray('labels', labels), references))
  }

  /**
   * Relations of labels with several columns: levels of a hierarchy, or multi-hot rows. Positives are
   * those for which the comparison holds, negatives the others. `queryLabels` then number the distinct
   * rows; losses over classes want plain labels.
   *
   * @throws {LabelError} when there are no rows, a label is no integer, rows differ in width, or `sameSet` does not hold.
   * @throws {ShapeError} when `sameSet` is true with fewer references than queries.
   * @example loss.compute(embeddings, LabelRelations.compare({ labelRows, labelComparison: sharesLabel }))
   */
  static compare(labels: ComparedLabels): LabelRelations {
    const agreement = agreementOf(labels)
    const { refLabelRows, sameSet = false } = labels
    const references = refLabelRows && { refLabels: agreement.references, sameSet }
    return new LabelRelations(hostRelations(agreement.queries, references, agreement))
  }

  /**
   * Relations to references whose labels are on the device only. Whether anybody has a positive or a negative is not
   * known, and taken for granted.
   *
   * @param labels one integer a row, or the relations of a batch whose rows are compared with other references
   * @throws {LabelError} when a label is not an integer, or there is none.
   */
  static withDeviceReferences(labels: Labels | LabelRelations, references: DeviceReferenceLabels): LabelRelations {
    if (labels instanceof LabelRelations) {
      return new LabelRelations(deviceRelations(labels.queryLabels, tf.clone(labels.queryLabelTensor), references))
    }
    const queryLabels = toLabelArray('labels', labels)
    return new LabelRelations(deviceRelations(queryLabels, tf.tensor1d(queryLabels, 'int32'), references))
  }

  /** Takes labels as users have them; relations pass through untouched. */
  static from(labels: Labels | LabelRelations, references?: ReferenceLabels): LabelRelations {
    return labels instanceof LabelRelations ? labels : LabelRelations.of(labels, references)
  }

  /** 1 where query and reference share a label and are not the same row: float32 [n, m]. Computed on the device. */
  positives(): tf.Tensor2D {
    return tf.tidy(() => {
      const same = this.#same()
      if (!this.sameSet) return this.#existing(same)
      const self = identityMatrix(this.queryCount, this.referenceCount)
      // By equality every row shares its own label, so that taking the diagonal away leaves 0 there.
      return this.#agrees ? tf.mul<tf.Tensor2D>(same, tf.sub(1, self)) : tf.sub<tf.Tensor2D>(same, self)
    })
  }

  /** 1 where labels differ, a row and itself left out: float32 [n, m]. Computed on the device. */
  negatives(): tf.Tensor2D {
    return tf.tidy(() => {
      if (!this.#agrees) return this.#existing(tf.cast(tf.notEqual<tf.Tensor2D>(...this.#columnAndRow()), 'float32'))
      const different = tf.sub<tf.Tensor2D>(1, this.#agrees)
      return this.sameSet ? tf.mul<tf.Tensor2D>(different, tf.sub(1, identityMatrix(this.queryCount, this.referenceCount))) : different
    })
  }

  /** All tensors it holds: the inputs of a step over it. */
  get tensors(): readonly tf.Tensor[] {
    const all = [this.queryLabelTensor, this.referenceLabelTensor, this.positiveIndex, this.positiveIndexMask]
    return [...new Set<tf.Tensor | undefined>([...all, this.#isFilled, this.#agrees])].filter((tensor) => tensor !== undefined)
  }

  dispose(): void {
    tf.dispose([...this.tensors])
  }

  #same(): tf.Tensor2D {
    return this.#agrees ? tf.clone(this.#agrees) : tf.cast(tf.equal<tf.Tensor2D>(...this.#columnAndRow()), 'float32')
  }

  /** Without the columns of empty rows. */
  #existing(matrix: tf.Tensor2D): tf.Tensor2D {
    return this.#isFilled ? tf.mul(matrix, this.#isFilled) : matrix
  }

  /** Labels of the queries [n, 1] and of the references [1, m], ready to be compared. */
  #columnAndRow(): [tf.Tensor2D, tf.Tensor2D] {
    return [
      tf.reshape(this.queryLabelTensor, [this.queryCount, 1]),
      tf.reshape(this.referenceLabelTensor, [1, this.referenceCount]),
    ]
  }
}
