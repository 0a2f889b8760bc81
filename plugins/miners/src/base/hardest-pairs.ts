import * as tf from '@tensorflow/tfjs-core'
import type { Distance, PickedTriplets } from '@metric-learning/contracts'
import { FusedKernel, hasFusedKernel } from '@metric-learning/ops'
import type { FusedInputs } from './metric-miner.js'

/**
 * The triplet of each anchor's farthest positive and closest negative by a fused kernel, which forms no [n, m]: where the backend has
 * one, for Euclidean distances and products, and for labels that go by equality.
 *
 * It compares in float64 and then as float32, of equals the first: other distances, rounded otherwise, may have another of two that
 * are as far as float32 tells.
 */
export function fusedHardestPairs({ embeddings, references, relations, distance }: FusedInputs): PickedTriplets | undefined {
  const measured = orderOf(distance)
  if (!measured || !hasFusedKernel(FusedKernel.hardestPairs)) return undefined
  const equality = relations.equality?.()
  if (!equality) return undefined
  const { queryLabelTensor: labels, referenceLabelTensor: refLabels, referenceCount } = relations
  const inputs = { x: embeddings, y: references, labels, refLabels, ...equality }
  const given = Object.fromEntries(Object.entries(inputs).filter((entry): entry is [string, tf.Tensor1D] => entry[1] !== undefined))
  const attributes = { normalized: distance.normalizeEmbeddings, ...measured }
  const [positiveIndex, negativeIndex, weights] = tf.engine().runKernel<tf.Tensor[]>(FusedKernel.hardestPairs, given, attributes) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]
  return { kind: 'pickedTriplets', positiveIndex, negativeIndex, weights, referenceCount }
}

/** What of a distance decides which of two is larger; `undefined` of one that the kernel does not know. */
function orderOf({ measure, p, power }: Distance): { readonly byProduct: boolean } | undefined {
  if (p !== 2) return undefined
  if (measure === 'LpDistance') return { byProduct: false }
  // A power other than 1 may turn the order of similarities below 0 round.
  return power === 1 && (measure === 'CosineSimilarity' || measure === 'DotProductSimilarity') ? { byProduct: true } : undefined
}
