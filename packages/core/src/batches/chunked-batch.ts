import * as tf from '@tensorflow/tfjs-core'
import { OptionError, type Batch, type Dataset, type LabelRelations, type LoadedSamples } from '@metric-learning/contracts'
import { partOfDrawPosition, uploadSamples } from '@metric-learning/ops'
import type { LoadedBatch } from './batch-loader.js'
import { StepBatch, StepView, type JudgedBatch, type LabelPlan } from './step-batch.js'

/** A batch on the device: as a whole or, where it has more samples than a chunk, for these to go through the modules in chunks. */
export const uploadedBatch = (loaded: LoadedBatch, labels: LabelPlan, chunkSize = Infinity): StepBatch | ChunkedBatch =>
  loaded.rows.length > chunkSize ? new ChunkedBatch(loaded, labels, chunkSize) : new StepBatch(loaded, labels)

/** A batch whose samples go through the modules in chunks. On the device are its rows and relations, and of its samples a chunk at a time. */
export class ChunkedBatch {
  /** In order; the last may be smaller. */
  readonly chunks: readonly Chunk[]
  readonly #labels: StepBatch

  /** Uploads its rows and relations or, when something does not fit, nothing. */
  constructor(loaded: LoadedBatch, labels: LabelPlan, chunkSize: number) {
    this.#labels = new StepBatch({ ...loaded, views: [] }, labels)
    this.chunks = Array.from({ length: Math.ceil(loaded.rows.length / chunkSize) }, (_, i) => new Chunk(loaded, i, chunkSize))
  }

  /** All tensors of the batch as a whole. */
  get tensors(): readonly tf.Tensor[] {
    return this.#labels.tensors
  }

  /** What shapes a step besides the shapes of its inputs. */
  get facts(): string {
    return this.#labels.facts
  }

  /** As objectives see it: without its samples; inside the step. */
  inStep(): JudgedBatch {
    return new JudgedView(this.#labels.inStep(undefined))
  }

  dispose(): void {
    this.#labels.dispose()
  }
}

/** Rows of a batch that go through the modules at once. */
class Chunk {
  readonly #from: number
  readonly #loaded: LoadedBatch

  /** @param number of the chunk, from 0 */
  constructor({ rows, views, position }: LoadedBatch, number: number, chunkSize: number) {
    const from = number * chunkSize
    const own = rows.subarray(from, from + chunkSize)
    const partOf = ({ values, shape: [, ...sampleShape] }: LoadedSamples): LoadedSamples => {
      const width = sampleShape.reduce((product, extent) => product * extent, 1)
      return { values: values.subarray(from * width, (from + own.length) * width), shape: [own.length, ...sampleShape] }
    }
    this.#from = from
    this.#loaded = { rows: own, views: views.map(partOf), position: partOfDrawPosition(position, number) }
  }

  /** On the device; within `tf.tidy`, which frees it. */
  upload(): UploadedChunk {
    const { views, rows, position } = this.#loaded
    return new UploadedChunk(views.map(uploadSamples), tf.tensor1d(rows, 'int32'), tf.tensor1d(position, 'int32'))
  }

  /** Its rows of a tensor of the whole batch. */
  slice(whole: tf.Tensor): tf.Tensor {
    return tf.slice(whole, this.#from, this.#loaded.rows.length)
  }
}

/** A chunk on the device: the inputs of a step. */
export class UploadedChunk {
  constructor(
    private readonly samples: readonly tf.Tensor[],
    readonly rows: tf.Tensor1D,
    readonly position: tf.Tensor1D,
  ) {}

  /** All tensors it holds. */
  get tensors(): readonly tf.Tensor[] {
    return [...this.samples, this.rows, this.position]
  }

  get size(): number {
    return this.rows.size
  }

  /** As a scheme sees it; inside the step. */
  inStep(normalization: Dataset['normalization']): Batch {
    return new ChunkView(this.samples, this, new Map(), normalization)
  }
}

/** A chunk inside the step. */
class ChunkView extends StepView {
  /** @throws {OptionError} always: what a scheme made of the relations of a chunk would not be what it makes of the batch. */
  override relations(): never {
    throw new OptionError({
      who: 'Trainer, chunkSize',
      wanted: 'a scheme whose outputs follow from each sample by itself',
      got: 'one that asks for the relations of the batch in its forward pass',
      fix: 'Leave `chunkSize` out for this scheme, or have an objective, a miner or hooks.loss go by the relations: they see the whole batch.',
    })
  }
}

/** A batch inside the step, where its samples are through the modules already. */
class JudgedView implements JudgedBatch {
  constructor(private readonly labels: StepView) {}

  get rows(): tf.Tensor1D {
    return this.labels.rows
  }

  get position(): tf.Tensor1D {
    return this.labels.position
  }

  /** @throws {OptionError} always: they are not on the device. */
  get views(): never {
    throw new OptionError({
      who: 'Trainer, chunkSize',
      wanted: 'losses that go by the outputs of the scheme',
      got: 'one that asks for the samples of the batch, which are not on the device as a whole',
      fix: 'Have the scheme return what the loss needs as an output with a row for each sample, or leave `chunkSize` out.',
    })
  }

  get samples(): never {
    return this.views
  }

  relations(column?: string, against?: boolean): LabelRelations {
    return this.labels.relations(column, against)
  }
}
