import * as tf from '@tensorflow/tfjs-core'
import {
  expectKnownOptions,
  expectNumber,
  type Dataset,
  type Embeddings,
  type LoadedSamples,
  type Module,
  type Normalization,
} from '@metric-learning/contracts'
import { CompilableStep, expectSamples, normalizeSamples, prefetch, turnOfEventLoop, uploadSamples, type CompileMode } from '@metric-learning/ops'

export interface DatasetEmbedderOptions {
  readonly trunk: Module
  /** Left out: the trunk's output is taken. */
  readonly embedder?: Module
  /** Samples at a time, at most. Default 256. */
  readonly batchSize?: number
  /**
   * Whether a batch runs as one graph: `true` where the backend can, with one warning if the modules can't be captured;
   * `'require'`: an error then; `false`: never. Default true.
   */
  readonly compile?: CompileMode
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
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class DatasetEmbedder {
  /** Numbers in an embedding. */
  readonly dim: number
  readonly #batchSize: number
  readonly #step: CompilableStep
  /** Of the data set under way. */
  #normalization: Normalization | undefined

  constructor(options: DatasetEmbedderOptions) {
    expectKnownOptions('DatasetEmbedder', options, ['trunk', 'embedder', 'batchSize', 'compile'])
    const { trunk, embedder, batchSize = 256, compile = true } = options
    expectNumber('DatasetEmbedder', 'batchSize', batchSize, { min: 1, integer: true })
    this.dim = (embedder ?? trunk).outputSize
    this.#batchSize = batchSize
    const embed = (samples: tf.Tensor): tf.Tensor => {
      const mode = { training: false }
      const features = trunk.call(normalizeSamples(samples, this.#normalization), mode)
      return embedder ? embedder.call(features, mode) : features
    }
    const guarded = { trunk, ...(embedder && { embedder }) }
    this.#step = new CompilableStep('embedding of a data set', (samples) => [embed(samples!)], { compile, guarded })
  }

  /**
   * @param rows rows to embed, in this order. Default: all.
   * @param onProgress told after each batch how many are done, of how many
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
   * The same batch by batch, for those that have no room for all. A batch may begin with rows of the one before.
   *
   * @param rows rows to embed, in this order. Default: all.
   * @param onProgress told after each batch how many are done, of how many
   */
  async *batches(
    dataset: Dataset,
    rows: Int32Array = Int32Array.from(dataset.labels.keys()),
    onProgress?: (done: number, total: number) => void,
  ): AsyncGenerator<EmbeddedBatch> {
    this.#step.verify()
    const batches = Math.ceil(rows.length / this.#batchSize)
    const size = Math.ceil(rows.length / batches)
    const starts = Array.from({ length: batches }, (_, i) => Math.min(i * size, rows.length - size))
    const load = async (start: number): Promise<LoadedRows> => {
      const samples = await dataset.load(rows.slice(start, start + size))
      expectSamples(dataset.name, samples, size)
      return { start, samples }
    }
    for await (const { start, samples } of prefetch(starts, load, 1)) {
      const output = this.#run(samples, dataset.normalization)
      const embeddings = await output.data<'float32'>()
      output.dispose()
      yield { start, embeddings }
      onProgress?.(start + size, rows.length)
      // Where samples are at hand and the device is done at once, nothing else would let it.
      await turnOfEventLoop()
    }
  }

  /** Frees what was captured; a later call captures anew. */
  dispose(): void {
    this.#step.dispose()
  }

  #run(samples: LoadedSamples, normalization: Normalization | undefined): tf.Tensor {
    this.#normalization = normalization
    const [output] = tf.tidy(() => this.#step.run([uploadSamples(samples)], JSON.stringify(normalization)))
    return output!
  }
}
