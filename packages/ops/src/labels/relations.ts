import * as tf from '@tensorflow/tfjs-core'
import {
  agreementOf,
  isLabelRelations,
  labelRelationsBrand,
  toLabelArray,
  type ComparedLabels,
  type DeviceReferenceLabels,
  type LabelColumn,
  type LabelRelations,
  type Labels,
  type ReferenceLabels,
} from '@metric-learning/contracts'
import { identityMatrix } from '../numerics/identity-matrix.js'
import { deviceRelations } from './device-relations.js'
import { hostRelations } from './host-relations.js'
import type { RelationParts } from './relation-parts.js'

/**
 * Relations by equal labels.
 *
 * @param labels one integer a row
 * @param references the other side of the comparison. Default: the batch itself.
 * @throws {LabelError} when a label is not an integer, there is none, or `sameSet` does not hold.
 * @throws {ShapeError} when `sameSet` is true with fewer references than queries.
 */
export function relationsOf(labels: Labels, references?: ReferenceLabels): LabelRelations {
  return new Relations(hostRelations(toLabelArray('LabelRelations', 'labels', labels), references))
}

/**
 * Relations of labels with several columns: levels of a hierarchy, or multi-hot rows. Positives are
 * those for which the comparison holds, negatives the others. `queryLabels` then number the distinct
 * rows; losses over classes want plain labels.
 *
 * @throws {LabelError} when there are no rows, a label is no integer, rows differ in width, or `sameSet` does not hold.
 * @throws {ShapeError} when `sameSet` is true with fewer references than queries.
 * @example loss.compute(embeddings, relationsByComparison({ labelRows, labelComparison: sharesLabel }))
 */
export function relationsByComparison(labels: ComparedLabels): LabelRelations {
  const agreement = agreementOf(labels)
  const { refLabelRows, sameSet = false } = labels
  const references = refLabelRows && { refLabels: agreement.references, sameSet }
  return new Relations(hostRelations(agreement.queries, references, agreement))
}

/**
 * Relations of a batch in one label column of its data set: by equal labels, or by the column's comparison of rows.
 *
 * @param column one that was checked: `labelColumn` of `@metric-learning/contracts`
 * @param rows rows of the data set: int32 [n]
 * @param toOtherViews relations to other views of the same rows, of which row i is a positive of row i. Default: among themselves.
 * @throws {LabelError} when there are no rows, or one has no entry in the column.
 */
export function relationsInColumn(column: LabelColumn, rows: Int32Array, toOtherViews = false): LabelRelations {
  if ('labels' in column) {
    const labels = Array.from(rows, (row) => column.labels[row]!)
    return relationsOf(labels, toOtherViews ? { refLabels: labels } : undefined)
  }
  const labelRows = Array.from(rows, (row) => column.labelRows[row]!)
  const { labelComparison } = column
  return relationsByComparison({ labelRows, ...(labelComparison && { labelComparison }), ...(toOtherViews && { refLabelRows: labelRows }) })
}

/**
 * Relations to references whose labels are on the device only. Whether anybody has a positive or a negative is not
 * known, and taken for granted.
 *
 * @param labels one integer a row, or the relations of a batch whose rows are compared with other references
 * @throws {LabelError} when a label is not an integer, or there is none.
 */
export function relationsToDeviceLabels(labels: Labels | LabelRelations, references: DeviceReferenceLabels): LabelRelations {
  if (isLabelRelations(labels)) {
    return new Relations(deviceRelations(labels.queryLabels, tf.clone(labels.queryLabelTensor), references))
  }
  const queryLabels = toLabelArray('LabelRelations', 'labels', labels)
  return new Relations(deviceRelations(queryLabels, tf.tensor1d(queryLabels, 'int32'), references))
}

/**
 * Takes labels as users have them; relations pass through untouched.
 *
 * @throws {LabelError} when there are no labels, or they are none.
 */
export function asRelations(labels: Labels | LabelRelations | undefined, references?: ReferenceLabels): LabelRelations {
  return isLabelRelations(labels) ? labels : relationsOf(labels as Labels, references)
}

class Relations implements LabelRelations {
  readonly [labelRelationsBrand] = true
  readonly queryCount: number
  readonly referenceCount: number
  readonly maxPositives: number
  readonly hasPositives: boolean
  readonly hasNegatives: boolean
  readonly queryLabels: Int32Array
  readonly referenceLabels: Int32Array
  readonly sameSet: boolean

  readonly queryLabelTensor: tf.Tensor1D
  readonly referenceLabelTensor: tf.Tensor1D
  readonly positiveIndex: tf.Tensor2D
  readonly positiveIndexMask: tf.Tensor2D
  readonly #isFilled: tf.Tensor1D | undefined
  readonly #agrees: tf.Tensor2D | undefined

  constructor(parts: RelationParts) {
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

  positives(): tf.Tensor2D {
    return tf.tidy(() => {
      const same = this.#same()
      if (!this.sameSet) return this.#existing(same)
      const self = identityMatrix(this.queryCount, this.referenceCount)
      // By equality every row shares its own label, so that taking the diagonal away leaves 0 there.
      return this.#agrees ? tf.mul<tf.Tensor2D>(same, tf.sub(1, self)) : tf.sub<tf.Tensor2D>(same, self)
    })
  }

  negatives(): tf.Tensor2D {
    return tf.tidy(() => {
      if (!this.#agrees) return this.#existing(tf.cast(tf.notEqual<tf.Tensor2D>(...this.#columnAndRow()), 'float32'))
      const different = tf.sub<tf.Tensor2D>(1, this.#agrees)
      return this.sameSet ? tf.mul<tf.Tensor2D>(different, tf.sub(1, identityMatrix(this.queryCount, this.referenceCount))) : different
    })
  }

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

  #columnAndRow(): [tf.Tensor2D, tf.Tensor2D] {
    return [
      tf.reshape(this.queryLabelTensor, [this.queryCount, 1]),
      tf.reshape(this.referenceLabelTensor, [1, this.referenceCount]),
    ]
  }
}
