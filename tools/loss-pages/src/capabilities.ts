import * as tf from '@tensorflow/tfjs-core'
import type { Loss, LossTerms } from '@metric-learning/contracts'
import { embeddingSize, type DocumentedLoss } from './losses.js'

const units: Readonly<Record<string, string>> = { pair: 'pairs', triplet: 'triplets', element: 'elements', reduced: 'the batch' }

/** What the values of a loss are of, as a call shows: pairs, triplets, elements, classes or the batch. */
export function unitsOf({ isWrapper, declaredOptions, make }: DocumentedLoss): string {
  if (isWrapper) return 'what it wraps'
  if (declaredOptions['numClasses']?.presence === 'required') return 'classes'
  const loss = make()
  const found = new Set(tf.tidy(() => Object.values(termsOf(loss)).map(({ over }) => over)))
  // A number beside values is no unit of its own.
  const told = found.size > 1 ? [...found].filter((over) => over !== 'reduced') : [...found]
  return told.map((over) => units[over]!).join(', ')
}

/** What a loss takes and learns, in a few words each. */
export function capabilitiesOf({ name, source, isWrapper, make }: DocumentedLoss): readonly string[] {
  if (name === 'MultipleLosses') return ['what its losses have in common']
  const { labels = 'needed', takesSelections = true, takesReferences = true, parameters } = make()
  const learnt = isWrapper ? [] : [...parameters.keys()]
  return [
    ...(takesSelections ? ['selections'] : []),
    ...(takesReferences ? ['reference sets'] : []),
    { needed: source.doesWithSelection ? 'labels or a selection' : 'labels', optional: 'labels or none', refused: 'no labels' }[labels],
    ...(learnt.length > 0 ? [`learns ${learnt.map((parameter) => `\`${parameter}\``).join(', ')}`] : []),
  ]
}

function termsOf(loss: Loss): LossTerms {
  const { terms } = loss as Loss & { terms(...args: Parameters<Loss['compute']>): LossTerms }
  const embeddings = tf.randomNormal<tf.Rank.R2>([4, embeddingSize], 0, 1, 'float32', 1)
  return loss.labels === 'refused'
    ? terms.call(loss, embeddings, undefined, { references: { refEmbeddings: embeddings } })
    : terms.call(loss, embeddings, [0, 0, 1, 1])
}
