import type { EmbeddingMatrix } from '@metric-learning/contracts'

/** Puts embeddings into clusters. An `AccuracyCalculator` takes any. */
export interface Clustering {
  /** The cluster of each row, in [0, clusters). */
  cluster(points: EmbeddingMatrix, clusters: number): Promise<Int32Array>
}
