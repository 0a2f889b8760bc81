import type { EvaluatedSplit } from '@metric-learning/core'

/** Embeddings and labels of several splits, one after the other. */
export function joinSplits(splits: readonly EvaluatedSplit[]): Pick<EvaluatedSplit, 'embeddings' | 'labels' | 'dim'> {
  if (splits.length === 1) return splits[0]!
  const embeddings = new Float32Array(splits.reduce((size, split) => size + split.embeddings.length, 0))
  const labels = new Int32Array(splits.reduce((size, split) => size + split.labels.length, 0))
  let row = 0
  for (const split of splits) {
    embeddings.set(split.embeddings, row * split.dim)
    labels.set(split.labels, row)
    row += split.labels.length
  }
  return { embeddings, labels, dim: splits[0]!.dim }
}
