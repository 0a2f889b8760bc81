import {
  describeValue,
  expectBatchPosition,
  expectFixedNumber,
  expectKnownOptions,
  expectMethods,
  isStateful,
  OptionError,
  Random,
  type BatchPosition,
  type BatchSampler,
  type Plain,
  type State,
  type Stateful,
} from '@metric-learning/contracts'
import { MadeOf } from './made-of.js'

/** Options of {@link MixedSampler}. */
export interface MixedSamplerOptions {
  /** A sampler for each data set, in the order in which these are `concatenated`; each made for its own data set. */
  readonly samplers: readonly BatchSampler[]
  /**
   * How often a batch is of each source, above 0, in any unit: each batch is then of one source, which is drawn. Default: each batch has a part of every
   * source, as many samples as its sampler's `batchSize`.
   */
  readonly weights?: readonly number[]
  /** Batches in an epoch. Default: those of the source with the most; with `weights` those of all sources together. */
  readonly batchesPerEpoch?: number
}

/**
 * Batches from several data sets, `concatenated` in the same order: with a share of each in every batch, or, with `weights`, each
 * batch of one of them, drawn with these probabilities.
 *
 *     share of source i = batchSizeᵢ / Σ batchSizes      or      P(batch of source i) = weightᵢ / Σ weights
 *
 * What is drawn follows from seed, epoch and batch alone. A source's batches come in order; where a source has fewer of them in one of its
 * epochs than are wanted, it goes on with its next epoch, so that a small source comes again and again, drawn anew. Each epoch of the mix begins
 * each source's epoch anew: of a source that is not through, the rest is left out. Sources draw by seeds of their own.
 *
 * A trainer refuses samplers in another order than the data sets, as far as these differ in size.
 *
 * @useWhen Several data sets are trained on at once: with a share of each where negatives should be from all of them, with `weights` where those of
 * another source would be too easy, as drawings among photographs are.
 * @throws {OptionError} when an option is unknown or out of range, there are fewer than two samplers, one does not say for how many
 * samples it was made or has to `prepare` its epochs, or weights are not one a sampler, each above 0.
 * @see `WeightedRandomSampler` over `ConcatDataset` in PyTorch; `sample_from_datasets` in tf.data.
 * @example
 * const photoLabels = Array.from({ length: 3200 }, (_, row) => row % 32)
 * const drawingLabels = Array.from({ length: 400 }, (_, row) => row % 20)
 * const ofPhotos = new MPerClassSampler({ labels: photoLabels, m: 4, batchSize: 48 })
 * const ofDrawings = new MPerClassSampler({ labels: drawingLabels, m: 4, batchSize: 16 })
 * const sampler = new MixedSampler({ samplers: [ofPhotos, ofDrawings] }) // 48 photos and 16 drawings in each batch
 */
export class MixedSampler implements BatchSampler, Stateful {
  readonly name = 'MixedSampler'
  readonly batchSize: number
  readonly minBatchSize: number
  readonly batchesPerEpoch: number
  readonly sampleCount: number
  readonly sourceCounts: readonly number[]
  readonly #samplers: readonly BatchSampler[]
  /** The row with which each source begins. */
  readonly #starts: readonly number[]
  /** Upper ends of the parts of [0, 1) that sources have. */
  readonly #ends: readonly number[] | undefined
  readonly #madeOf: MadeOf
  /** The epoch whose sources were drawn last. */
  #drawn: { readonly seed: number; readonly epoch: number; readonly sources: readonly number[] } | undefined

  constructor(options: MixedSamplerOptions) {
    expectKnownOptions(this.name, options, ['samplers', 'weights', 'batchesPerEpoch'])
    const { samplers, weights } = options
    expectSources(this.name, samplers)
    const counts = samplers.map(({ sampleCount }) => sampleCount!)
    const least = samplers.map(({ batchSize, minBatchSize = batchSize }) => minBatchSize)
    const sizes = samplers.map(({ batchSize }) => batchSize)
    const epochs = samplers.map((sampler) => sampler.batchesPerEpoch)
    if (weights) expectWeights(this.name, weights, samplers.length)
    const { batchesPerEpoch = weights ? sum(epochs) : Math.max(...epochs) } = options
    expectFixedNumber(this.name, 'batchesPerEpoch', batchesPerEpoch, { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true })
    this.batchSize = weights ? Math.max(...sizes) : sum(sizes)
    this.minBatchSize = weights ? Math.min(...least) : sum(least)
    this.batchesPerEpoch = batchesPerEpoch
    this.sampleCount = sum(counts)
    this.sourceCounts = counts
    this.#samplers = samplers
    this.#starts = counts.map((_, i) => sum(counts.slice(0, i)))
    this.#ends = weights && endsOf(weights)
    this.#madeOf = new MadeOf(this.name, {}, { ...partsOf(samplers), weights: weights ?? null, batchesPerEpoch })
  }

  /** What its batches follow from: weights, and what those of its sources follow from. */
  state(): State {
    return this.#madeOf.state()
  }

  /** @throws {StateError} when that is of a sampler with other sources or options, which draws other batches; names what differs. */
  restore(state: State): void {
    this.#madeOf.restore(state)
  }

  /** @throws {OptionError} when that is no position: seed or epoch is no integer, epochs count from 1, or the epoch does not have that batch. */
  batch(at: BatchPosition): Int32Array {
    expectBatchPosition(this.name, at, this.batchesPerEpoch)
    if (!this.#ends) return Int32Array.from(this.#samplers.flatMap((_, source) => [...this.#batchOf(source, at, at.batch)]))
    const sources = this.#sourcesOf(at)
    const source = sources[at.batch]!
    return this.#batchOf(source, at, sources.slice(0, at.batch).filter((other) => other === source).length)
  }

  /** The batch of a source that comes after `before` others of an epoch of the mix. */
  #batchOf(source: number, { seed, epoch }: BatchPosition, before: number): Int32Array {
    const sampler = this.#samplers[source]!
    const { batchesPerEpoch: length } = sampler
    // As many epochs of the source as one of the mix may ask for, so that none comes twice.
    const own = (epoch - 1) * Math.ceil(this.batchesPerEpoch / length) + Math.floor(before / length) + 1
    const ownSeed = Random.at(seed, this.name, source).int(2 ** 31 - 1)
    return sampler.batch({ seed: ownSeed, epoch: own, batch: before % length }).map((row) => row + this.#starts[source]!)
  }

  /** The source of each batch of an epoch: drawn once, and kept for its other batches. */
  #sourcesOf({ seed, epoch }: BatchPosition): readonly number[] {
    if (this.#drawn?.seed !== seed || this.#drawn.epoch !== epoch) {
      const random = Random.at(seed, `${this.name} source`, epoch)
      const draw = () => {
        const at = random.uniform()
        return this.#ends!.findIndex((end) => at < end)
      }
      this.#drawn = { seed, epoch, sources: Array.from({ length: this.batchesPerEpoch }, draw) }
    }
    return this.#drawn.sources
  }
}

/** What the batches of each follow from, by names for messages. */
function partsOf(samplers: readonly BatchSampler[]): Readonly<Record<string, Plain>> {
  const parts = samplers.flatMap((sampler, i) => {
    const { name, batchSize, batchesPerEpoch, sampleCount } = sampler
    const own = isStateful(sampler) ? sampler.state().values : { batchSize, batchesPerEpoch, sampleCount: sampleCount! }
    return Object.entries<Plain>({ sampler: name, ...own }).map(([key, value]) => [`samplers[${i}].${key}`, value] as const)
  })
  return Object.fromEntries(parts)
}

/** Where the sum would overflow, of weights that are scaled down. */
function endsOf(weights: readonly number[]): number[] {
  const total = sum(weights)
  if (total === Infinity) return endsOf(weights.map((weight) => weight / 2 / weights.length))
  return weights.map((_, i) => sum(weights.slice(0, i + 1)) / total)
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

function expectSources(who: string, samplers: readonly BatchSampler[]): void {
  const refuse = (wanted: string, got: string, fix: string) => new OptionError({ who, wanted, got, fix })
  if (!Array.isArray(samplers) || samplers.length < 2) {
    throw refuse('`samplers` to be a list of two or more', Array.isArray(samplers) ? String(samplers.length) : describeValue(samplers), 'Pass one for each of the data sets that are `concatenated`.')
  }
  samplers.forEach((sampler: BatchSampler, i) => {
    expectMethods(who, `samplers[${i}]`, sampler, ['batch'], 'new MPerClassSampler({ labels, m: 4, batchSize: 32 })')
    expectFixedNumber(who, `samplers[${i}].batchSize`, sampler.batchSize, { min: 1, integer: true })
    expectFixedNumber(who, `samplers[${i}].batchesPerEpoch`, sampler.batchesPerEpoch, { min: 1, integer: true })
    if (sampler.sampleCount === undefined) throw refuse(`\`samplers[${i}]\` to say for how many samples it was made`, `${sampler.name} without \`sampleCount\``, 'Rows of the next source begin there: give it one.')
    if (sampler.prepare) throw refuse('samplers that draw by position alone', `${sampler.name}, which has to prepare its epochs`, 'Take another for this source, such as `MPerClassSampler`.')
  })
}

function expectWeights(who: string, weights: readonly number[], samplers: number): void {
  if (!Array.isArray(weights) || weights.length !== samplers) {
    throw new OptionError({ who, wanted: `\`weights\` to be ${samplers} numbers, one a sampler`, got: Array.isArray(weights) ? String(weights.length) : describeValue(weights), fix: 'List them in the order of `samplers`.' })
  }
  const hint = 'With a weight of 0 no batch would ever be of its source: leave it out, here and where data sets are `concatenated`.'
  weights.forEach((weight: number, i) => expectFixedNumber(who, `weights[${i}]`, weight, { min: 0, exclusiveMin: true, hint }))
}
