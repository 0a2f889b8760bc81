import type * as tf from '@tensorflow/tfjs-core'

/** Embeddings on the host. */
export interface Embeddings {
  /** Row-major float32 [count, dim]. */
  readonly embeddings: Float32Array
  readonly dim: number
}

/** Embeddings on the host in numbers of any kind. */
export interface EmbeddingValues {
  /** Row-major [count, dim]: a typed array or a list. */
  readonly embeddings: ArrayLike<number>
  readonly dim: number
}

/**
 * Embeddings [rows, dim]: a host array with the width of its rows, a tensor of any numeric type, or a list of rows. Whatever numbers these
 * are, they become float32.
 */
export type EmbeddingMatrix = EmbeddingValues | tf.Tensor2D | readonly ArrayLike<number>[]

/** Which references are left out: for each a 1 or `true`, and a 0 or `false` for the others. */
export type ReferenceMask = Uint8Array | ArrayLike<number> | readonly boolean[]
