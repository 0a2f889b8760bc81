import type { DrawnEmbeddings } from './draw-embeddings.js'

/** Σ ‖x - mean of its cluster‖², in float64: what k-means makes small. */
export function inertia({ embeddings, labels }: DrawnEmbeddings, clusters: Int32Array): number {
  const dim = embeddings.length / labels.length
  const count = clusters.reduce((most, one) => Math.max(most, one), 0) + 1
  const [means, sizes] = [new Float64Array(count * dim), new Float64Array(count)]
  clusters.forEach((cluster, row) => {
    sizes[cluster]!++
    for (let i = 0; i < dim; i++) means[cluster * dim + i]! += embeddings[row * dim + i]!
  })
  for (let at = 0; at < means.length; at++) means[at]! /= Math.max(1, sizes[Math.floor(at / dim)]!)
  let sum = 0
  clusters.forEach((cluster, row) => {
    for (let i = 0; i < dim; i++) sum += (embeddings[row * dim + i]! - means[cluster * dim + i]!) ** 2
  })
  return sum
}
