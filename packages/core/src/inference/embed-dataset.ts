import * as tf from '@tensorflow/tfjs-core'
import type { Dataset } from '../contracts/dataset.js'
import type { Module } from '../contracts/module.js'
import { samplesToTensor } from './samples-to-tensor.js'

export interface EmbedDatasetOptions {
  readonly trunk: Module
  /** Left out: the trunk's output is taken. */
  readonly embedder?: Module
  readonly dataset: Dataset
  /** Rows to embed, in this order. Default: all. */
  readonly rows?: Int32Array
  /** Samples at a time. Default 256. */
  readonly batchSize?: number
}

/** Embeddings on the host. */
export interface Embeddings {
  /** Row-major float32 [count, dim], not normalised. */
  readonly embeddings: Float32Array
  readonly dim: number
}

/** Embeds samples in inference mode (running statistics, no gradient), batch by batch, in order, none left out. */
export async function embedDataset(options: EmbedDatasetOptions): Promise<Embeddings> {
  const { trunk, embedder, dataset, batchSize = 256 } = options
  const rows = options.rows ?? Int32Array.from(dataset.labels.keys())
  const dim = (embedder ?? trunk).outputSize
  const embeddings = new Float32Array(rows.length * dim)
  for (let start = 0; start < rows.length; start += batchSize) {
    const samples = await dataset.load(rows.subarray(start, start + batchSize))
    const output = tf.tidy(() => {
      const features = trunk.call(samplesToTensor(samples, dataset.normalization), { training: false })
      return embedder ? embedder.call(features, { training: false }) : features
    })
    embeddings.set(await output.data<'float32'>(), start * dim)
    output.dispose()
  }
  return { embeddings, dim }
}
