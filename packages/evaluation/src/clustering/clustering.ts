import type { EmbeddingMatrix } from '@metric-learning/contracts'

/** Puts embeddings into clusters. An `AccuracyCalculator` takes any. */
export interface Clustering {
  /**
   * @param points float32 [n, dim]
   * @param clusters how many
   * @returns the cluster of each row, in [0, clusters): int32 [n]
   */
  cluster(points: EmbeddingMatrix, clusters: number): Promise<Int32Array>
}
