import * as tf from '@tensorflow/tfjs-core'
import {
  isLabelRelations,
  toLabelArray,
  type DeviceReferenceLabels,
  type LabelColumn,
  type LabelRelations,
  type Labels,
  type ReferenceLabels,
} from '@metric-learning/contracts'
import { agreementOf, type ComparedLabels } from './compared-labels.js'
import { deviceRelations } from './device-relations.js'
import { HeldRelations } from './held-relations.js'
import { hostRelations } from './host-relations.js'

/**
 * Relations by equal labels.
 *
 * @param labels one integer a row
 * @param references the other side of the comparison. Default: the batch itself.
 * @throws {LabelError} when a label is not an integer, there is none, or `sameSet` does not hold.
 * @throws {ShapeError} when `sameSet` is true with fewer references than queries.
 */
export function relationsOf(labels: Labels, references?: ReferenceLabels): LabelRelations {
  return new HeldRelations(hostRelations(toLabelArray('LabelRelations', 'labels', labels), references))
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
  return new HeldRelations(hostRelations(agreement.queries, references, agreement))
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
 * known, and taken for granted; `hasTriplets` is known where the batch is among the references and has some itself.
 *
 * @param labels one integer a row, or the relations of a batch whose rows are compared with other references
 * @throws {LabelError} when a label is not an integer, or there is none.
 */
export function relationsToDeviceLabels(labels: Labels | LabelRelations, references: DeviceReferenceLabels): LabelRelations {
  if (isLabelRelations(labels)) {
    const isAmongReferences = references.ownRows !== undefined && labels.sameSet
    return new HeldRelations(deviceRelations(labels.queryLabels, tf.clone(labels.queryLabelTensor), references, (isAmongReferences && labels.hasTriplets) || undefined))
  }
  const queryLabels = toLabelArray('LabelRelations', 'labels', labels)
  return new HeldRelations(deviceRelations(queryLabels, tf.tensor1d(queryLabels, 'int32'), references))
}

/**
 * Takes labels as users have them; relations pass through untouched.
 *
 * @throws {LabelError} when there are no labels, or they are none.
 */
export function asRelations(labels: Labels | LabelRelations | undefined, references?: ReferenceLabels): LabelRelations {
  return isLabelRelations(labels) ? labels : relationsOf(labels as Labels, references)
}
