import type * as tf from '@tensorflow/tfjs-core'

/** Embeddings on the host. */
export interface Embeddings {
  /** Row-major float32 [count, dim]. */
  readonly embeddings: Float32Array
  readonly dim: number
}

/** Embeddings as a host array, row-major float32 [rows, dim], or as a tensor of that shape. */
export type EmbeddingMatrix = Embeddings | tf.Tensor2D
