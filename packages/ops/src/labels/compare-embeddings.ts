import type * as tf from '@tensorflow/tfjs-core'
import {
  expectKnownOptions,
  expectShape,
  inNameOf,
  isLabelRelations,
  LabelError,
  ShapeError,
  type Extent,
  type LabelRelations,
  type Labels,
  type ReferenceLabels,
  type References,
} from '@metric-learning/contracts'
import { asRelations } from './relations.js'
import { expectFinite } from '../expect-finite.js'

/** What a loss or a miner looks at: n embeddings, the m embeddings they are compared with, and who is whose positive. */
export interface Comparison {
  /** float32 [n, dim] */
  readonly embeddings: tf.Tensor2D
  /** float32 [m, dim]; the very tensor `embeddings` when the batch is compared with itself. */
  readonly references: tf.Tensor2D
  readonly relations: LabelRelations
}

/**
 * Checks what a loss or a miner was given, and fills in what was left out.
 *
 * Relations that it makes belong to the surrounding `tf.tidy`.
 *
 * @param who names the complaining part in errors
 * @throws {ShapeError} when embeddings or references are not matrices of one width.
 * @throws {LabelError} when labels are missing, of another length, or do not go with the references.
 * @throws {NonFiniteError} when embeddings or references hold NaN or infinity: from the step where it is compiled.
 */
export function compareEmbeddings(
  who: string,
  embeddings: tf.Tensor2D,
  labels: Labels | LabelRelations | undefined,
  references?: References,
): Comparison {
  expectEmbeddings(who, 'embeddings', embeddings, ['batch', 'dim'])
  if (references) {
    expectKnownOptions(`${who}, references`, references, ['refEmbeddings', 'refLabels', 'sameSet'])
    expectEmbeddings(who, 'refEmbeddings', references.refEmbeddings, ['references', embeddings.shape[1]])
  }
  expectLabels(who, labels)

  const relations = inNameOf(who, () => asRelations(labels, references && !isLabelRelations(labels) ? labelsOf(who, references) : undefined))
  const against = references?.refEmbeddings ?? embeddings
  expectOneLabelARow(who, 'embeddings', embeddings, relations.queryCount)
  expectOneLabelARow(who, 'refEmbeddings', against, relations.referenceCount)
  if (!references && !relations.sameSet) {
    throw new ShapeError({
      who,
      wanted: '`references` with label relations that were worked out for a reference set',
      got: 'none',
      fix: 'Pass the same `references` here, or relations of the batch alone.',
    })
  }
  expectFinite(who, 'embeddings', embeddings)
  if (against !== embeddings) expectFinite(who, 'refEmbeddings', against)
  return { embeddings, references: against, relations }
}

/**
 * Checks that something is embeddings: a matrix of float32, of one column at least.
 *
 * @throws {ShapeError} when it is not.
 */
export function expectEmbeddings(who: string, what: string, matrix: tf.Tensor2D, wanted: readonly Extent[]): void {
  expectShape(who, what, matrix, wanted)
  if (matrix.shape[1] === 0) throw new ShapeError({ who, wanted: `\`${what}\` of at least one column`, got: `[${matrix.shape.join(', ')}]`, fix: 'Check what the embedder gives.' })
  // The type says so, callers may not.
  const { dtype } = matrix as tf.Tensor
  if (dtype !== 'float32') {
    throw new ShapeError({ who, wanted: `\`${what}\` of type float32`, got: dtype, fix: `Pass \`tf.cast(${what}, 'float32')\`.` })
  }
}

function labelsOf(who: string, { refLabels, sameSet }: References): ReferenceLabels {
  if (refLabels === undefined || refLabels === null) {
    throw new LabelError({ who, wanted: '`refLabels`', got: String(refLabels), fix: 'Pass one integer a row of `refEmbeddings`.' })
  }
  return { refLabels, ...(sameSet !== undefined && { sameSet }) }
}

function expectLabels<T extends Labels | LabelRelations>(who: string, labels: T | null | undefined): asserts labels is T {
  if (labels === undefined || labels === null) {
    throw new LabelError({ who, wanted: '`labels`', got: String(labels), fix: 'Pass one integer a row of `embeddings`.' })
  }
}

function expectOneLabelARow(who: string, what: string, matrix: tf.Tensor2D, count: number): void {
  if (matrix.shape[0] !== count) {
    throw new LabelError({
      who,
      wanted: `one label for each of the ${matrix.shape[0]} rows of \`${what}\``,
      got: String(count),
      fix: 'Pass the labels of exactly these rows.',
    })
  }
}
