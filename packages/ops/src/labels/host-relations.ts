import * as tf from '@tensorflow/tfjs-core'
import { LabelError, rowsByLabel, ShapeError, toLabelArray, type ReferenceLabels } from '@metric-learning/contracts'
import type { Agreement } from './compared-labels.js'
import type { RelationParts } from './held-relations.js'

/**
 * Relations to references whose labels are on the host; without `references`, of the queries among themselves.
 *
 * @throws {LabelError} when a label of the references is not an integer, there is none, or `sameSet` does not hold.
 * @throws {ShapeError} when `sameSet` is true with fewer references than queries.
 */
export function hostRelations(queryLabels: Int32Array, references?: ReferenceLabels, agreement?: Agreement): RelationParts {
  const referenceLabels = references ? toLabelArray('LabelRelations', 'refLabels', references.refLabels) : queryLabels
  const sameSet = references ? (references.sameSet ?? false) : true
  if (sameSet) expectQueriesFirst(queryLabels, referenceLabels)
  const lists = agreement ? agreeingLists(agreement, sameSet) : equalLists(queryLabels, referenceLabels)
  const self = sameSet ? 1 : 0
  const queryLabelTensor = tf.tensor1d(queryLabels, 'int32')
  const [positiveIndex, positiveIndexMask] = padded(lists, self)
  return {
    queryLabels,
    referenceLabels,
    referenceCount: referenceLabels.length,
    sameSet,
    hasPositives: lists.some((list) => list.length > self),
    hasNegatives: lists.some((list) => list.length < referenceLabels.length),
    hasTriplets: lists.some((list) => list.length > self && list.length < referenceLabels.length),
    queryLabelTensor,
    referenceLabelTensor: references ? tf.tensor1d(referenceLabels, 'int32') : queryLabelTensor,
    listed: { positiveIndex, positiveIndexMask },
    ...(agreement && { agrees: agreementMatrix(agreement) }),
  }
}

function expectQueriesFirst(queries: Int32Array, references: Int32Array): void {
  if (queries.length > references.length) {
    throw new ShapeError({
      who: 'LabelRelations',
      wanted: 'at least as many references as queries when `sameSet` is true',
      got: `${queries.length} queries and ${references.length} references`,
      fix: 'Pass `sameSet: false`, or put the queries first among the references.',
    })
  }
  const other = queries.findIndex((label, row) => label !== references[row])
  if (other !== -1) {
    throw new LabelError({
      who: 'LabelRelations',
      wanted: 'row i of the references to be row i of the queries when `sameSet` is true',
      got: `label ${references[other]} against ${queries[other]} in row ${other}`,
      fix: 'Pass `sameSet: false`, or put the queries first among the references.',
    })
  }
}

/** The rows of each list but, of one set, the row itself as tensors [n, k], and where they are not padding; k is at least 1. */
function padded(lists: readonly (readonly number[])[], self: 0 | 1): [tf.Tensor2D, tf.Tensor2D] {
  const k = lists.reduce((length, list) => Math.max(length, list.length - self), 1)
  const index = new Int32Array(lists.length * k)
  const mask = new Float32Array(index.length)
  // Element by element: lists are short, and there are many.
  for (let row = 0; row < lists.length; row++) {
    let at = row * k
    for (const positive of lists[row]!) {
      if (self && positive === row) continue
      index[at] = positive
      mask[at++] = 1
    }
  }
  return [tf.tensor2d(index, [lists.length, k], 'int32'), tf.tensor2d(mask, [lists.length, k])]
}

/** The rows that agree with each query; of one set with itself among them, whether it agrees with itself or not. */
function agreeingLists({ queries, references, agree }: Agreement, sameSet: boolean): number[][] {
  const rows = Array.from(references.keys())
  return Array.from(queries, (label, query) => rows.filter((row) => (sameSet && row === query) || agree(label, references[row]!)))
}

function agreementMatrix({ queries, references, agree }: Agreement): tf.Tensor2D {
  const columns = references.length
  const agrees = Float32Array.from({ length: queries.length * columns }, (_, i) =>
    agree(queries[Math.floor(i / columns)]!, references[i % columns]!) ? 1 : 0,
  )
  return tf.tensor2d(agrees, [queries.length, columns])
}

/** The rows that have the label of each query. */
function equalLists(queries: Int32Array, references: Int32Array): (readonly number[])[] {
  const rowsOf = rowsByLabel(references)
  return Array.from(queries, (label) => rowsOf.get(label) ?? [])
}
