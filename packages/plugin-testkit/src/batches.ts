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
  return randomTensor([rows, dim], seed) as tf.Tensor2D
}

/** Random values from N(0, 1), the same in every run. */
export function randomTensor(shape: number[], seed = 11): tf.Tensor {
  const random = new Random(seed)
  return tf.tensor(Float32Array.from({ length: shape.reduce((product, extent) => product * extent, 1) }, () => random.normal()), shape)
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

/** What is special about a hostile batch, and where formulas fail on it. */
export const hostileTexts: Readonly<Record<HostileBatch, { readonly on: string; readonly look: string }>> = {
  duplicates: { on: 'duplicates', look: 'roots and norms of differences, which are 0 here: the gradient of √x is infinite at 0.' },
  oneClass: { on: 'one class only', look: 'sums and means over negatives: there are none, so what divides by their number divides by 0.' },
  allDistinct: { on: 'classes that are all distinct', look: 'sums and means over positives: there are none, so what divides by their number divides by 0.' },
  singleSample: { on: 'a single sample', look: 'statistics over the batch, such as a variance of n - 1, and pairs: there is none.' },
  zeroVectors: { on: 'zero vectors', look: 'divisions by a norm, which is 0 here, and the gradient of the norm: `normalize` of a Distance has both.' },
  largeNorm: { on: 'embeddings of norm 1e4', look: 'exponentials and powers of distances, which overflow: subtract the maximum first (`tf.logSumExp`).' },
}

/** An order of n rows that moves every one of them. */
export const shuffledRows = (rows: number): number[] => Array.from({ length: rows }, (_, row) => (row + (rows > 2 ? 2 : 1)) % rows).reverse()

/** Rows in another order. */
export const shuffled = ({ embeddings, labels }: Batch, order: readonly number[]): Batch => ({
  embeddings: tf.gather(embeddings, [...order]),
  labels: order.map((row) => labels[row]!),
})
