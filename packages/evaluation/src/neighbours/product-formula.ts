import type { RankingDistance } from './scored/tile-scorer.js'

/** A distance that is computed by products: the squared Euclidean one, or the dot product, of embeddings that may be normalised. */
export interface ProductFormula {
  readonly kind: 'squaredEuclidean' | 'dotProduct'
  /** Embeddings are divided by their norm of this p first. Left out: they are not. */
  readonly normalizeBy?: number
  /** From -‖q - r‖², or q · r, to what the distance gives. */
  readonly toDistance: (score: number) => number
}

/** The formula of a distance, if it is one of products. Default: the squared Euclidean distance of embeddings as they are. */
export function productFormula(distance?: RankingDistance): ProductFormula | undefined {
  if (distance === undefined) return { kind: 'squaredEuclidean', toDistance: (score) => 0 - score }
  const { measure, normalizeEmbeddings, p = 2, power = 1 } = distance
  const normalized = normalizeEmbeddings ? { normalizeBy: p } : {}
  if (measure === 'LpDistance' && p === 2) {
    return { kind: 'squaredEuclidean', ...normalized, toDistance: (score) => Math.sqrt(0 - score) ** power }
  }
  if ((measure === 'CosineSimilarity' || measure === 'DotProductSimilarity') && power === 1) {
    return { kind: 'dotProduct', ...normalized, toDistance: (score) => score }
  }
  return undefined
}

/** What an index ranks by, in words: those of the file. */
export function distanceInWords(distance: RankingDistance | undefined): string {
  if (!distance) return 'the squared Euclidean distance'
  const { name = distance.constructor.name, measure, normalizeEmbeddings, p, power } = distance
  return JSON.stringify({ name: measure ?? name, normalizeEmbeddings, p: p === Infinity ? 'Infinity' : p, power })
}
