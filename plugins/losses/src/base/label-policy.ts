import { expectShape, LabelError, OptionError, type LabelRelations, type Labels, type LabelUse, type References } from '@metric-learning/contracts'
import { compareEmbeddings, relationsOf, type Comparison } from '@metric-learning/ops'
import type * as tf from '@tensorflow/tfjs-core'

/**
 * Whether a loss needs labels: always (the default), unless the caller selects pairs or triplets, not at all but takes
 * them, or never.
 */
export type LabelPolicy = LabelUse | 'unlessSelected'

/** What a loss was given to compare. */
export interface Given {
  readonly embeddings: tf.Tensor2D
  readonly labels: Labels | LabelRelations | null | undefined
  readonly references: References | undefined
  readonly isSelected: boolean
}

/**
 * Checks what a loss was given against its policy, and fills in what was left out. Without labels every row counts as
 * a class of its own.
 *
 * @throws {LabelError} when labels that are needed are missing.
 * @throws {OptionError} when labels are refused.
 */
export function compareByPolicy(who: string, policy: LabelPolicy, given: Given): Comparison {
  const { embeddings, labels, references, isSelected } = given
  const hasLabels = labels !== undefined && labels !== null
  if (policy === 'refused' && (hasLabels || references?.refLabels)) {
    throw new OptionError({
      who,
      wanted: 'no labels',
      got: hasLabels ? '`labels`' : '`refLabels`',
      fix: 'This loss looks at no classes; pass undefined for the labels.',
    })
  }
  if (hasLabels) return compareEmbeddings(who, embeddings, labels, references)
  if (policy === 'needed' || (policy === 'unlessSelected' && !isSelected)) {
    const orSelection = policy === 'needed' ? '' : ' or a `selection`'
    const fix = 'Pass one integer a row of `embeddings`.'
    throw new LabelError({ who, wanted: `\`labels\`${orSelection}`, got: String(labels), fix })
  }
  expectShape(who, 'embeddings', embeddings, ['batch', 'dim'])
  if (references) expectShape(who, 'refEmbeddings', references.refEmbeddings, ['references', embeddings.shape[1]])
  return compareEmbeddings(who, embeddings, unlabelled(embeddings, references), references)
}

/** Relations in which every row is a class of its own. */
function unlabelled(embeddings: tf.Tensor2D, references: References | undefined): LabelRelations {
  const rows = embeddings.shape[0]
  const queries = consecutive(0, rows)
  if (!references) return relationsOf(queries)
  const { sameSet = false, refEmbeddings } = references
  return relationsOf(queries, { refLabels: consecutive(sameSet ? 0 : rows, refEmbeddings.shape[0]), sameSet })
}

const consecutive = (from: number, count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => from + i)
