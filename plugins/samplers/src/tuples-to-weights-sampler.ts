import * as tf from '@tensorflow/tfjs-core'
import {
  checkedLabels,
  expectBatchPosition,
  expectKnownOptions,
  expectMethods,
  expectNumber,
  expectState,
  labelColumn,
  NonFiniteError,
  OptionError,
  Random,
  StateError,
  type BatchPosition,
  type BatchSampler,
  type Dataset,
  type LabelColumn,
  type LabelRelations,
  type Miner,
  type Module,
  type Selection,
  type SelectionIndices,
  type State,
  type Stateful,
} from '@metric-learning/contracts'
import { DatasetEmbedder } from '@metric-learning/inference'
import { drawPosition, elementWeights, expectNotDisposed, expectSelection, isEmptySelection, nestedState, relationsInColumn, restoreNested, selectionFromIndices, type CompileMode } from '@metric-learning/ops'
import { drawDistinct } from './draw-distinct.js'
import { MadeOf } from './made-of.js'

/** Options of {@link TuplesToWeightsSampler}. */
export interface TuplesToWeightsSamplerOptions {
  /** What is drawn from, embedded before each epoch as it loads: without the augmentation that a run may train with, if so wanted. */
  readonly dataset: Dataset
  /** From samples to features: that of the run. */
  readonly trunk: Module
  /** From features to embeddings: that of the run. Left out: the trunk gives the embeddings. */
  readonly embedder?: Module
  /** What mines the dataset, all of it or the subset at once: its time and memory grow with the square of the samples. */
  readonly miner: Miner
  /** Samples in a batch. */
  readonly batchSize: number
  /** Samples that an epoch is drawn from, different ones, drawn anew for each; and samples in an epoch. Default: all. */
  readonly subsetSize?: number
  /** The label column of the dataset that the miner goes by. Default: its `labels`. */
  readonly labels?: string
  /** Samples that are embedded at a time, at most. Default 256. */
  readonly embedBatchSize?: number
  /** Whether embedding runs as one graph, as in {@link DatasetEmbedder}. Default true. */
  readonly compile?: CompileMode
}

/**
 * Batches of samples that a miner finds hard: before each epoch the dataset, or a subset, is embedded with the model as it is then, and mined.
 * The weight of a sample is how often it occurs in what was mined, divided by the largest count; 0 outside of the subset, 1 for each
 * of it where nothing was mined, of which there is a warning, once. Samples are drawn with replacement, with probabilities proportional to their weights; an epoch has as
 * many as the subset, rounded down to whole batches.
 *
 * {@link prepare} does this, which the trainer awaits. The weights are part of the run's state, so that a run that is resumed within an epoch
 * draws on from the weights with which that epoch began; so is what the miner remembers. Nothing is said of how many samples of a class are in a batch.
 *
 * Embeddings are as the model gives them: distances normalise them if they say so. (PyTorch Metric Learning normalises them before.)
 *
 * What a miner with `collectStats` records is among {@link statistics}.
 *
 * `TuplesToWeightsSampler` of PyTorch Metric Learning.
 *
 * @useWhen Most samples are easy, and hard ones too rare to be found within single batches.
 * @example
 * await useBackend('auto')
 * const dataset = await quickDraw({ split: 'train', samplesPerClass: 2 })
 * const trunk = new ConvNet({ inputChannels: 1, width: 8, seed: 0 })
 * const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: 32, seed: 1 })
 * const sampler = new TuplesToWeightsSampler({ dataset, trunk, embedder, miner: new MultiSimilarityMiner(), batchSize: 64, subsetSize: 256 })
 * @throws {LabelError} when the dataset's labels are no integers of 32 bits, or it lacks the column.
 * @throws {OptionError} when an option is unknown, missing or out of range, or an epoch would be shorter than a batch.
 */
export class TuplesToWeightsSampler implements BatchSampler, Stateful {
  readonly name = 'TuplesToWeightsSampler'
  readonly batchSize: number
  readonly batchesPerEpoch: number
  readonly sampleCount: number
  readonly subsetSize: number
  readonly miner: Miner
  /** The label column; `undefined`: the dataset's `labels`. */
  readonly labels: string | undefined
  readonly #dataset: Dataset
  readonly #column: LabelColumn
  readonly #embedder: DatasetEmbedder
  readonly #madeOf: MadeOf
  /** The epoch that was prepared; 0 before any. */
  #prepared = { seed: 0, epoch: 0 }
  /** What the miner recorded for it. */
  #statistics: Readonly<Record<string, number>> = {}
  /** Of the samples: float32 [samples]. */
  #weights: Float32Array
  /** The same for the state of a run. */
  #tensor: tf.Tensor1D
  /** Sums of the weights up to each sample: float64 [samples]. */
  #sums: Float64Array
  #hasWarned = false

  constructor(options: TuplesToWeightsSamplerOptions) {
    expectKnownOptions(this.name, options, ['dataset', 'trunk', 'embedder', 'miner', 'batchSize', 'subsetSize', 'labels', 'embedBatchSize', 'compile'])
    const { dataset, trunk, embedder, miner, batchSize, labels, embedBatchSize = 256, compile = true } = options
    expectMethods(this.name, 'dataset', dataset, ['load'], 'await imageFolder({ folder })')
    expectMethods(this.name, 'trunk', trunk, ['call'], 'new ConvNet()')
    if (embedder !== undefined) expectMethods(this.name, 'embedder', embedder, ['call'], 'new Embedder({ inputSize, embeddingSize: 64 })')
    expectMethods(this.name, 'miner', miner, ['mine'], 'new MultiSimilarityMiner()')
    const checked = checkedLabels(this.name, dataset)
    const { subsetSize = checked.sampleCount } = options
    expectNumber(this.name, 'subsetSize', subsetSize, { min: 1, max: checked.sampleCount, integer: true, hint: `${dataset.name} has ${checked.sampleCount} samples.` })
    expectNumber(this.name, 'batchSize', batchSize, { min: 1, integer: true })
    if (batchSize > subsetSize) {
      throw new OptionError({ who: this.name, wanted: `\`batchSize\` to be at most the ${subsetSize} samples of an epoch`, got: String(batchSize), fix: 'Lower `batchSize`, or raise `subsetSize`.' })
    }
    this.#dataset = dataset
    this.#column = labelColumn(this.name, checked, labels)
    this.#embedder = new DatasetEmbedder({ trunk, ...(embedder && { embedder }), batchSize: embedBatchSize, compile })
    this.miner = miner
    this.labels = labels
    this.batchSize = batchSize
    this.batchesPerEpoch = Math.floor(subsetSize / batchSize)
    this.sampleCount = checked.sampleCount
    this.subsetSize = subsetSize
    const all = 'labels' in this.#column ? this.#column.labels : Int32Array.from(this.#column.labelRows.flatMap((row) => [...row]))
    this.#madeOf = new MadeOf(this.name, { labels: Int32Array.from(all) }, { batchSize, subsetSize })
    this.#weights = new Float32Array(checked.sampleCount)
    this.#tensor = tf.keep(tf.tensor1d(this.#weights))
    this.#sums = new Float64Array(checked.sampleCount)
  }

  /** How often each sample was mined, divided by the largest count: float32 [samples]; all 0 before the first epoch. */
  get weights(): Float32Array {
    return this.#weights.slice()
  }

  /**
   * Embeds and mines for an epoch, with the model as it is. With `batch` above 0 the epoch has begun, and its weights are kept.
   *
   * @throws {StateError} when it has begun and its weights are not here.
   * @throws {NonFiniteError} when embeddings are not finite.
   */
  async prepare(from: BatchPosition): Promise<void> {
    expectNotDisposed(this.name, [this.#tensor])
    expectBatchPosition(this.name, from, this.batchesPerEpoch)
    if (from.batch > 0) return this.#expectPrepared(from)
    const { seed, epoch } = from
    const rows = this.#subset(from)
    const { embeddings, dim } = await this.#embedder.embed(this.#dataset, rows)
    if (embeddings.some((value) => !Number.isFinite(value))) throw new NonFiniteError(this.name, 'embeddings')
    const names = this.miner.statistics ?? []
    const [mined, isEmpty, measured] = tf.tidy(() => {
      const relations = relationsInColumn(this.#column, rows, false)
      // Before the first batch: what a miner draws there is drawn anew for it.
      const position = tf.tensor1d(drawPosition(seed, epoch, -1), 'int32')
      let recorded: Readonly<Record<string, tf.Scalar>> = {}
      const record = (statistics: typeof recorded) => {
        recorded = Object.fromEntries(names.map((name) => [name, tf.clone(recordedAs(this.name, this.miner, name, statistics))]))
      }
      const selection = this.#selected(this.miner.mine(tf.tensor2d(embeddings, [rows.length, dim]), relations, { position, ...(names.length > 0 && { record }) }), relations)
      return [elementWeights(selection, relations), isEmptySelection(selection, relations, 'pairs'), recorded] as const
    })
    const weights = new Float32Array(this.sampleCount)
    const [found, [foundNothing], ...numbers] = await Promise.all([mined.data(), isEmpty.data(), ...Object.values(measured).map((value) => value.data())])
    rows.forEach((row, i) => (weights[row] = found[i]!))
    this.#statistics = Object.fromEntries(Object.keys(measured).flatMap((name, i) => (Number.isFinite(numbers[i]![0]) ? [[name, numbers[i]![0]!]] : [])))
    tf.dispose([mined, isEmpty, measured])
    if (foundNothing) this.#warnOfNothing(epoch)
    this.#take(weights, { seed, epoch })
  }

  /**
   * @throws {OptionError} when that is no position: seed or epoch is no integer, epochs count from 1, or the epoch does not have that batch.
   * @throws {StateError} when the epoch was not prepared.
   */
  batch(at: BatchPosition): Int32Array {
    expectBatchPosition(this.name, at, this.batchesPerEpoch)
    const { seed, epoch, batch } = at
    this.#expectPrepared(at)
    const random = Random.at(seed, this.name, epoch, batch)
    const total = this.#sums.at(-1)!
    return Int32Array.from({ length: this.batchSize }, () => firstAbove(this.#sums, random.uniform() * total))
  }

  /** What the miner records of what it selected before the epoch, by its names; without what is no number. */
  statistics(): Readonly<Record<string, number>> {
    return this.#statistics
  }

  /** The weights, their epoch and seed, what the miner recorded and remembers, and what the sampler is made of: a checksum of the labels, and options. */
  state(): State {
    expectNotDisposed(this.name, [this.#tensor])
    const { values, tensors = [] } = nestedState({ miner: this.miner })
    return { values: { ...this.#prepared, statistics: this.#statistics, ...values, madeOf: this.#madeOf.state().values }, tensors: new Map<string, tf.Tensor>([['weights', this.#tensor], ...tensors]) }
  }

  /** @throws {StateError} when the weights are of a sampler with another dataset, labels or options, or what the miner remembers is not there or does not fit it. */
  restore(state: State): void {
    expectNotDisposed(this.name, [this.#tensor])
    const { values, tensors } = expectState(this.name, state)
    const { seed, epoch, madeOf, statistics = {} } = values
    const weights = tensors.get('weights')
    if (!Number.isInteger(seed) || !Number.isInteger(epoch) || weights?.shape.join() !== String(this.sampleCount) || weights.dtype !== 'float32') {
      throw new StateError({
        who: this.name,
        wanted: `seed, epoch and "weights" as float32 [${this.sampleCount}]`,
        got: weights ? `${weights.dtype} [${weights.shape.join(', ')}]` : 'none',
        fix: 'Make it with the dataset that the saved one had.',
      })
    }
    // Absent in states of before it was kept.
    if (madeOf !== undefined) this.#madeOf.restore({ values: madeOf as NonNullable<State['values']> })
    restoreNested(this.name, { miner: this.miner }, state)
    this.#take(weights.dataSync<'float32'>().slice(), { seed: seed as number, epoch: epoch as number })
    this.#statistics = statistics as Readonly<Record<string, number>>
  }

  /** Frees the weights and what embedding captured. */
  dispose(): void {
    this.#tensor.dispose()
    this.#embedder.dispose()
  }

  /** What the miner selects, on the device, also where it gives row numbers. */
  #selected(selection: Selection | SelectionIndices, relations: LabelRelations): Selection {
    expectSelection(`${this.miner.name} in ${this.name}`, selection, relations)
    return 'kind' in selection ? selection : selectionFromIndices(selection, relations)
  }

  /** Once: samples that are drawn alike are what the sampler is there to avoid. */
  #warnOfNothing(epoch: number): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    globalThis.process?.emitWarning(
      `${this.name}: ${this.miner.name} selected nothing before epoch ${epoch}, whose samples are drawn all alike: make it less strict (its margin, range or share), or raise \`subsetSize\`.`,
    )
  }

  #subset({ seed, epoch }: BatchPosition): Int32Array {
    const { sampleCount, subsetSize } = this
    if (subsetSize === sampleCount) return Int32Array.from({ length: sampleCount }, (_, row) => row)
    return Int32Array.from(drawDistinct(Random.at(seed, `${this.name} subset`, epoch), sampleCount, subsetSize)).sort()
  }

  #take(weights: Float32Array, prepared: { readonly seed: number; readonly epoch: number }): void {
    this.#weights = weights
    this.#tensor.dispose()
    this.#tensor = tf.keep(tf.tensor1d(weights))
    this.#prepared = prepared
    let sum = 0
    this.#sums = Float64Array.from(weights, (weight) => (sum += weight))
  }

  #expectPrepared({ seed, epoch }: BatchPosition): void {
    const { seed: ofSeed, epoch: prepared } = this.#prepared
    if (ofSeed === seed && prepared === epoch) return
    throw new StateError({
      who: this.name,
      wanted: `the weights of epoch ${epoch} of seed ${seed}`,
      got: prepared === 0 ? 'none' : `those of epoch ${prepared} of seed ${ofSeed}`,
      fix: 'Await `prepare({ seed, epoch, batch: 0 })` before the first batch of an epoch; within one, restore the state of the run.',
    })
  }
}

/** @throws {OptionError} when a miner has not recorded what it says that it does. */
function recordedAs(who: string, miner: Miner, name: string, statistics: Readonly<Record<string, tf.Scalar>>): tf.Scalar {
  const recorded = statistics[name]
  if (recorded) return recorded
  throw new OptionError({ who, wanted: `${miner.name} to record ${miner.statistics!.join(', ')}`, got: `no ${name}`, fix: 'Record all that `statistics` of the miner names.' })
}

/** The first position whose sum is above a number that is below the last sum. */
function firstAbove(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sums[middle]! > value) high = middle
    else low = middle + 1
  }
  return low
}
