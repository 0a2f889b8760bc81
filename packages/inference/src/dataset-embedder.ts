import * as tf from '@tensorflow/tfjs-core'
import {
  expectKnownOptions,
  expectMethods,
  expectNumber,
  type Dataset,
  type Embeddings,
  type LoadedSamples,
  type Normalization,
} from '@metric-learning/contracts'
import { expectSamples, prefetch, turnOfEventLoop, uploadSamples } from '@metric-learning/ops'
import { expectFiniteSamples } from './expect-finite-samples.js'
import { ForwardPass, type ForwardPassOptions } from './forward-pass.js'

export interface DatasetEmbedderOptions extends ForwardPassOptions {
  /** Samples at a time, at most. Default 256. */
  readonly batchSize?: number
}

/** Embeddings of some of the rows that were asked for. */
export interface EmbeddedBatch {
  /** Place of the first among those rows. */
  readonly start: number
  /** Row-major float32 [count, dim]. */
  readonly embeddings: Float32Array
}

interface LoadedRows {
  readonly start: number
  readonly samples: LoadedSamples
}

/**
 * Embeds samples in inference mode (running statistics, no gradient, float32), batch by batch, in order, none left out.
 *
 * What it captured serves all later calls, with the weights as they are then, and is compared with the modules' code and
 * fields at the beginning of each; {@link dispose} frees it. A sample's
 * embedding must depend on that sample alone, which batch norm's running statistics see to: so all batches can be of one
 * size, and the last, rather than being smaller, begins with rows of the one before.
 *
 * @throws {OptionError} when an option is unknown or out of range, or a module is none.
 */
export class DatasetEmbedder {
  /** Numbers in an embedding. */
  readonly dim: number
  readonly #batchSize: number
  readonly #pass: ForwardPass

  constructor(options: DatasetEmbedderOptions) {
    expectKnownOptions('DatasetEmbedder', options, ['trunk', 'embedder', 'batchSize', 'compile'])
    const { batchSize = 256, ...modules } = options
    expectMethods('DatasetEmbedder', 'trunk', modules.trunk, ['call'], 'new ConvNet()')
    if (modules.embedder !== undefined) expectMethods('DatasetEmbedder', 'embedder', modules.embedder, ['call'], 'new Embedder({ inputSize, embeddingSize })')
    expectNumber('DatasetEmbedder', 'batchSize', batchSize, { min: 1, integer: true })
    this.#batchSize = batchSize
    this.#pass = new ForwardPass(modules)
    this.dim = this.#pass.dim
  }

  /**
   * @param rows rows to embed, in this order. Default: all.
   * @param onProgress told after each batch how many are done, of how many
   * @returns float32 [rows, dim]
   * @throws {ShapeError} when pixels have other channels than the normalization.
   * @throws {DataError} when the data set gives other samples than it says, or one is not finite.
   */
  async embed(
    dataset: Dataset,
    rows: Int32Array = Int32Array.from(dataset.labels.keys()),
    onProgress?: (done: number, total: number) => void,
  ): Promise<Embeddings> {
    const embeddings = new Float32Array(rows.length * this.dim)
    for await (const batch of this.batches(dataset, rows, onProgress)) embeddings.set(batch.embeddings, batch.start * this.dim)
    return { embeddings, dim: this.dim }
  }

  /**
   * The same batch by batch, for those that have no room for all. A batch may begin with rows of the one before. Errors are those of {@link embed}.
   *
   * @param rows rows to embed, in this order. Default: all.
   * @param onProgress told after each batch how many are done, of how many
   */
  batches(
    dataset: Dataset,
    rows: Int32Array = Int32Array.from(dataset.labels.keys()),
    onProgress?: (done: number, total: number) => void,
  ): AsyncGenerator<EmbeddedBatch> {
    this.#pass.verify()
    return embeddedBatches(this.#pass, { dataset, rows, batchSize: this.#batchSize, ...(onProgress && { onProgress }) })
  }

  /** Frees what was captured; a later call captures anew. */
  dispose(): void {
    this.#pass.dispose()
  }
}

/** What {@link embedRows} embeds. */
export interface EmbeddedRows {
  readonly dataset: Dataset
  readonly rows: Int32Array
  readonly batchSize: number
  /** Default: the data set's. */
  readonly normalization?: Normalization | undefined
  readonly onProgress?: (done: number, total: number) => void
}

/** Rows of a data set through a forward pass, all of them. */
export async function embedRows(pass: ForwardPass, request: EmbeddedRows): Promise<Embeddings> {
  const embeddings = new Float32Array(request.rows.length * pass.dim)
  for await (const batch of embeddedBatches(pass, request)) embeddings.set(batch.embeddings, batch.start * pass.dim)
  return { embeddings, dim: pass.dim }
}

/** Rows of a data set through a forward pass, batch by batch, the next one being loaded meanwhile. */
async function* embeddedBatches(
  pass: ForwardPass,
  { dataset, rows, batchSize, normalization = dataset.normalization, onProgress }: EmbeddedRows,
): AsyncGenerator<EmbeddedBatch> {
  const batches = Math.ceil(rows.length / batchSize)
  const size = Math.ceil(rows.length / batches)
  const starts = Array.from({ length: batches }, (_, i) => Math.min(i * size, rows.length - size))
  const load = async (start: number): Promise<LoadedRows> => {
    const samples = await dataset.load(rows.slice(start, start + size))
    expectSamples(dataset.name, samples, size, dataset)
    if (samples.values instanceof Float32Array) expectFiniteSamples(dataset.name, samples)
    return { start, samples }
  }
  for await (const { start, samples } of prefetch(starts, load, 1)) {
    const output = tf.tidy(() => pass.run(uploadSamples(samples), normalization))
    const embeddings = await output.data<'float32'>()
    output.dispose()
    yield { start, embeddings }
    onProgress?.(start + size, rows.length)
    // Where samples are at hand and the device is done at once, nothing else would let it.
    await turnOfEventLoop()
  }
}
