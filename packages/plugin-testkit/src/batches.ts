import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'

/** Labels and embeddings to try something on. */
export interface Batch {
  readonly embeddings: tf.Tensor2D
  readonly labels: readonly number[]
}

/** Eight samples of three classes, in an order in which classes mix. */
export const mixedLabels: readonly number[] = [0, 1, 2, 0, 1, 2, 0, 1]

/** Random embeddings from N(0, 1), the same in every run. */
export function randomEmbeddings(rows: number, dim: number, seed = 11): tf.Tensor2D {
  const random = new Random(seed)
  return tf.tensor2d(Float32Array.from({ length: rows * dim }, () => random.normal()), [rows, dim])
}

/** Batches on which formulas tend to divide by zero or overflow, each with what is special about it. */
export const hostileBatches = {
  duplicates: ({ embeddings, labels }: Batch): Batch => ({ embeddings: tf.tile(tf.slice(embeddings, 0, 1), [labels.length, 1]), labels }),
  oneClass: ({ embeddings, labels }: Batch): Batch => ({ embeddings, labels: labels.map(() => 1) }),
  allDistinct: ({ embeddings, labels }: Batch): Batch => ({ embeddings, labels: labels.map((_, row) => row) }),
  singleSample: ({ embeddings, labels }: Batch): Batch => ({ embeddings: tf.slice(embeddings, 0, 1), labels: labels.slice(0, 1) }),
  zeroVectors: ({ embeddings, labels }: Batch): Batch => ({ embeddings: tf.zerosLike(embeddings), labels }),
  largeNorm: ({ embeddings, labels }: Batch): Batch => ({ embeddings: tf.mul(embeddings, 1e4), labels }),
} satisfies Record<string, (batch: Batch) => Batch>

export type HostileBatch = keyof typeof hostileBatches

/** What is special about a hostile batch, for titles. */
export const hostileTitles: Readonly<Record<HostileBatch, string>> = {
  duplicates: 'duplicates',
  oneClass: 'one class only',
  allDistinct: 'classes that are all distinct',
  singleSample: 'a single sample',
  zeroVectors: 'zero vectors',
  largeNorm: 'embeddings of norm 1e4',
}

/** An order of n rows that moves every one of them. */
export const shuffledRows = (rows: number): number[] => Array.from({ length: rows }, (_, row) => (row + (rows > 2 ? 2 : 1)) % rows).reverse()
