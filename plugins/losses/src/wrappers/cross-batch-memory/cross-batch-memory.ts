import * as tf from '@tensorflow/tfjs-core'
import {
  describeValue,
  expectKnownOptions,
  expectNumber,
  expectShape,
  LabelError,
  OptionError,
  ShapeError,
  type ComputeOptions,
  type LabelRelations,
  type Labels,
  type Loss,
  type Miner,
  type NestedJudge,
  type Parameters,
  type Selection,
  type SelectionIndices,
  type State,
  type Stateful,
} from '@metric-learning/contracts'
import {
  compareEmbeddings,
  expectBackend,
  expectNotDisposed,
  expectSelection,
  judge,
  nestedState,
  option,
  readOptions,
  relationsToDeviceLabels,
  restoreNested,
  selectAllPairs,
  type GivenOptions,
} from '@metric-learning/ops'
import { expectTakesReferences, nestedBuffers, nestedParameters } from '../wrapped-losses.js'
import { EmbeddingQueue } from './embedding-queue.js'
import { addWithinBatch, withoutSelf } from './slot-selections.js'

const options = {
  /** A loss over pairs or triplets. */
  loss: option.part<Loss>(['compute'], 'new NTXentLoss()'),
  /** Size of an embedding. */
  embeddingSize: option.integer({ min: 1 }),
  /** How many embeddings are remembered. Default 1024. */
  memorySize: option.integer({ default: 1024, min: 1 }),
  /** Selects pairs or triplets of the batch against the memory. Default: all that the labels allow. */
  miner: option.part<Miner>(['mine'], 'new MultiSimilarityMiner()', { optional: true }),
  /**
   * How many positives an anchor may have in the memory, for losses and miners that look at positives one by one: their memory
   * grows with it, and positives beyond it are left out. Default: `memorySize`, which leaves out none; above 4,096 they want a number.
   */
  maxPositives: option.integer({ optional: true, min: 1 }),
  /**
   * How many batches are compared with themselves alone, before the memory begins to fill: embeddings of the first steps are soon
   * out of date. Default 0.
   */
  warmUp: option.integer({ default: 0, min: 0 }),
}

/** What {@link CrossBatchMemory} compares with beside all that is remembered. */
interface Comparing {
  /** Where the rows are remembered themselves: int32 [n]. Absent where they are not. */
  readonly slots?: tf.Tensor1D
  readonly selection?: Selection | SelectionIndices | undefined
  readonly given: Pick<ComputeOptions, 'position' | 'observer'>
}

/** As many as a tensor of 8 GiB has. */
const mostNumbers = 2 ** 31

/** Up to this size all triplets of an anchor and the memory, [memorySize, memorySize], take 64 MiB. */
const largestListed = 4096

/** Options of {@link CrossBatchMemory}. */
export type CrossBatchMemoryOptions = GivenOptions<typeof options>

/** What {@link CrossBatchMemory.compute} may be told. */
export interface CrossBatchMemoryComputeOptions extends Pick<ComputeOptions, 'position' | 'observer'> {
  /** Pairs or triplets within the batch, looked at besides those against the memory. */
  readonly selection?: Selection | SelectionIndices
  /** True for the rows that are remembered; the others are compared with the memory. Default: all rows are both. */
  readonly enqueueMask?: readonly boolean[]
}

/**
 * A loss of each batch against the embeddings of the last batches: many more pairs from small batches.
 *
 * First the batch takes the place of the oldest embeddings, then each of its rows is compared with all that is
 * remembered, itself excepted. Gradients flow through the batch alone. Memory O(n memorySize) for losses over pairs.
 *
 * The memory is in buffers, so that it is saved with the loss and a step stays a function of tensors and variables:
 * `embeddingMemory` [memorySize, embeddingSize], `labelMemory`, `queueIndex`, `queueCount`, with a warm-up `warmUpLeft`. Those of
 * the wrapped loss are called `loss.<name>`. Slots that are still empty take no part.
 *
 * Wang et al.: Cross-Batch Memory for Embedding Learning (CVPR 2020), algorithm 1.
 *
 * @useWhen Small batches of many classes, once embeddings change slowly: those of earlier batches still stand for
 *   their samples.
 * @throws {OptionError} when an option is unknown or out of range, or the loss takes no references.
 */
export class CrossBatchMemory implements Loss, Stateful {
  /** All options, with their defaults: for docs and forms. */
  static readonly declaredOptions = options
  readonly name = 'CrossBatchMemory'
  readonly labels = 'needed'
  readonly takesReferences = false
  readonly takesSelections = true
  readonly remembersBatches = true
  readonly overClasses: boolean
  readonly loss: Loss
  readonly embeddingSize: number
  readonly memorySize: number
  readonly miner: Miner | undefined
  /** {@link memorySize}: a batch is remembered as a whole. */
  readonly maxBatchSize: number
  /** `undefined`: nobody may look at positives one by one. */
  readonly maxPositives: number | undefined
  readonly warmUp: number
  readonly parameters: Parameters
  readonly buffers: Parameters
  readonly #queue: EmbeddingQueue

  /** {@link embeddingSize}. */
  get inputSize(): number {
    return this.embeddingSize
  }

  constructor(given: CrossBatchMemoryOptions) {
    const { loss, embeddingSize, memorySize, miner, maxPositives, warmUp } = readOptions(this.name, options, given)
    if (memorySize * embeddingSize > mostNumbers) {
      const [wanted, got] = [`\`memorySize\` times \`embeddingSize\` to be at most ${mostNumbers}`, `${memorySize} times ${embeddingSize}`]
      throw new OptionError({ who: this.name, wanted, got, fix: 'A memory is one tensor, of which each number takes 4 bytes: remember fewer embeddings.' })
    }
    if (maxPositives !== undefined) expectNumber(this.name, 'maxPositives', maxPositives, { min: 1, max: memorySize, integer: true })
    expectTakesReferences(this.name, loss)
    expectTakesPairs(this.name, loss)
    this.loss = loss
    this.overClasses = loss.overClasses ?? false
    this.embeddingSize = embeddingSize
    this.memorySize = memorySize
    this.maxBatchSize = memorySize
    this.miner = miner
    this.maxPositives = maxPositives ?? (memorySize <= largestListed ? memorySize : undefined)
    this.warmUp = warmUp
    expectBackend(this.name)
    this.#queue = new EmbeddingQueue(memorySize, embeddingSize, warmUp)
    const nested = [{ prefix: 'loss.', loss }]
    const [embeddings, labels, position, count, warmUpLeft] = this.#queue.variables() as [tf.Variable, tf.Variable, tf.Variable, tf.Variable, tf.Variable?]
    this.parameters = nestedParameters(nested)
    this.buffers = new Map([
      ['embeddingMemory', embeddings],
      ['labelMemory', labels],
      ['queueIndex', position],
      ['queueCount', count],
      ...(warmUpLeft ? [['warmUpLeft', warmUpLeft] as const] : []),
      ...nestedBuffers(nested),
    ])
  }

  /**
   * @throws {OptionError} when a selection comes with a mask, the mask is no array of true and false, or loss or miner look at positives one by one and `maxPositives` is wanted.
   * @throws {LabelError} when labels are rows that were compared: they are numbered anew in each batch.
   * @throws {ShapeError} when the batch is larger than the memory, or the mask has another length.
   * @throws {StateError} after dispose().
   */
  compute(embeddings: tf.Tensor2D, labels: Labels | LabelRelations | undefined, options: CrossBatchMemoryComputeOptions = {}): tf.Scalar {
    expectKnownOptions(`${this.name}.compute`, options, ['selection', 'enqueueMask', 'position', 'observer'])
    const { selection, enqueueMask, ...given } = options
    expectNotDisposed(this.name, this.#queue.variables())
    if (enqueueMask !== undefined) expectMask(this.name, enqueueMask)
    if (selection && enqueueMask) {
      throw new OptionError({ who: this.name, wanted: '`selection` or `enqueueMask`', got: 'both', fix: 'Leave one of them out.' })
    }
    return tf.tidy(() => {
      expectShape(this.name, 'embeddings', embeddings, ['batch', this.embeddingSize])
      const batch = compareEmbeddings(this.name, embeddings, labels).relations
      if (batch.byComparison) {
        throw new LabelError({
          who: this.name,
          wanted: 'one integer a row, the same in all batches',
          got: 'relations by comparison, whose numbers are those of one batch',
          fix: 'Pass the labels of one column; rows of several can not be compared with what is remembered.',
        })
      }
      if (selection) expectSelection(this.name, selection, batch)
      if (enqueueMask) return this.#compareOthers(embeddings, batch, enqueueMask, given)
      if (batch.queryCount > this.memorySize) {
        throw new ShapeError({
          who: this.name,
          wanted: `at most ${this.memorySize} rows, the size of the memory`,
          got: String(batch.queryCount),
          fix: 'Raise `memorySize`.',
        })
      }
      const slots = this.#queue.enqueue(embeddings, batch.queryLabelTensor)
      return this.#compare(embeddings, batch, { slots, selection, given })
    })
  }

  get nested(): Readonly<Record<string, NestedJudge>> {
    return { loss: { loss: this.loss, miner: this.miner } }
  }

  /** @throws {LabelError} when the wrapped loss has no class for a label. */
  checkLabels(labels: Int32Array): void {
    this.loss.checkLabels?.(labels)
  }

  /** What loss and miner remember beside parameters and buffers. */
  state(): State {
    return nestedState({ loss: this.loss, miner: this.miner })
  }

  /** @throws {StateError} when the state is none of this loss and miner. */
  restore(state: State): void {
    restoreNested(this.name, { loss: this.loss, miner: this.miner }, state)
  }

  /** Forgets everything. */
  resetQueue(): void {
    expectNotDisposed(this.name, this.#queue.variables())
    this.#queue.reset()
  }

  /** Frees the memory; the wrapped loss stays its owner's. */
  dispose(): void {
    tf.dispose(this.#queue.variables())
  }

  /** Remembers the rows of the mask, and compares the others. */
  #compareOthers(embeddings: tf.Tensor2D, { queryLabels, queryLabelTensor }: LabelRelations, mask: readonly boolean[], given: Comparing['given']): tf.Scalar {
    if (mask.length !== queryLabels.length) {
      const fix = 'Say of each row whether it is remembered.'
      throw new ShapeError({ who: this.name, wanted: `\`enqueueMask\` of ${queryLabels.length} entries`, got: String(mask.length), fix })
    }
    const where = (wanted: boolean) => mask.flatMap((isEnqueued, row) => (isEnqueued === wanted ? [row] : []))
    const [enqueued, compared] = [where(true), where(false)]
    if (enqueued.length > 0) {
      const rows = tf.tensor1d(enqueued, 'int32')
      this.#queue.enqueue(tf.gather(embeddings, rows), tf.gather(queryLabelTensor, rows))
    }
    if (compared.length === 0) return tf.sum(tf.mul(embeddings, 0))
    const others = tf.gather(embeddings, tf.tensor1d(compared, 'int32'))
    return this.#compare(others, compared.map((row) => queryLabels[row]!), { given })
  }

  /** The loss of rows against the memory, in `slots` of which they may be themselves, and of what is selected within the batch. */
  #compare(embeddings: tf.Tensor2D, labels: Labels | LabelRelations, { slots, selection, given: { observer, ...draws } }: Comparing): tf.Scalar {
    const { embeddings: memory, labels: refLabelTensor } = this.#queue
    const relations = relationsToDeviceLabels(labels, {
      refLabelTensor,
      isFilled: this.#queue.isFilled(),
      ...(slots && { ownRows: slots }),
      ...(this.maxPositives !== undefined && { maxPositives: this.maxPositives }),
    })
    const ofMemory = { embeddings, labels: relations, references: { refEmbeddings: tf.clone(memory) }, ...draws, ...(observer && { observer: observer.within('loss') }) }
    return judge(this, ofMemory, (mined) => {
      const others = mined && slots ? withoutSelf(mined, slots) : mined
      return selection && slots ? addWithinBatch(others ?? selectAllPairs(relations), selection, labels as LabelRelations, slots) : others
    })
  }
}

/** Numbers would be taken for neither: such rows would not be remembered, and not be compared. */
function expectMask(who: string, mask: unknown): void {
  // findIndex, unlike every, looks at holes.
  const at = Array.isArray(mask) ? mask.findIndex((isEnqueued) => typeof isEnqueued !== 'boolean') : undefined
  if (at === -1) return
  throw new OptionError({
    who,
    wanted: '`enqueueMask` to be an array of true and false',
    got: at === undefined ? describeValue(mask) : `${describeValue((mask as unknown[])[at])} at ${at}`,
    fix: 'Say of each row whether it is remembered: `Array.from(mask, Boolean)` makes one of numbers.',
  })
}

/** Checks that a loss looks at pairs or triplets that are selected by labels. */
function expectTakesPairs(who: string, { name, labels, takesSelections }: Loss): void {
  if (labels !== 'refused' && takesSelections !== false) return
  throw new OptionError({
    who,
    wanted: 'a loss that takes labels and a selection',
    got: name,
    fix: 'Take one over pairs or triplets, such as ContrastiveLoss or TripletMarginLoss.',
  })
}
