import type { LabelRelations, MineOptions, Miner, Selection, State, Stateful } from '@metric-learning/contracts'
import { option, readOptions, restoreAll, subsampleSelection, type GivenOptions } from '@metric-learning/ops'
import { ComposedMiner } from './base/composed-miner.js'
import { DrawBuffer } from './base/draw-buffer.js'

const options = {
  /** Who selects. */
  miner: option.part<Miner>(['mine'], 'new MultiSimilarityMiner()'),
  /** How many triplets are left at most, or positive pairs and negative pairs each. */
  maxTuples: option.integer({ min: 1 }),
  /** Fixes the draws. Two of this class with the same one draw alike in a step: give each its own. Default 0. */
  seed: option.integer({ default: 0 }),
}

/** Options of {@link CappedMiner}. */
export type CappedMinerOptions = GivenOptions<typeof options>

/**
 * At most so many of the pairs or triplets that a miner selects: all of them where there are no more, otherwise some that are drawn,
 * each as likely, and others in each step.
 *
 * What is selected keeps its form. Memory as that of the miner: it takes n + 1 random numbers ({@link subsampleSelection}).
 *
 * Statistics: those of its miner, before the cap, as `miners.0/numTriplets`.
 *
 * @useWhen The number of triplets varies much from batch to batch, and with it how strong the gradient of a loss is that sums them up.
 * @example new CappedMiner({ miner: new TripletMarginMiner(), maxTuples: 10_000 })
 * @throws {OptionError} when an option is unknown, missing or out of range.
 */
export class CappedMiner extends ComposedMiner {
  /** All options, with their defaults: for docs and forms. */
  static readonly declaredOptions = options
  readonly maxTuples: number
  readonly seed: number
  readonly #draws: DrawBuffer

  constructor(given: CappedMinerOptions) {
    const { miner, maxTuples, seed } = readOptions('CappedMiner', options, given)
    super('CappedMiner', [miner])
    this.maxTuples = maxTuples
    this.seed = seed
    this.#draws = new DrawBuffer(this.name)
  }

  protected compose([selection]: readonly Selection[], _: LabelRelations, options: MineOptions): Selection {
    return subsampleSelection(selection!, this.maxTuples, { position: this.#draws.position(options), purpose: this.name, seed: this.seed })
  }

  override state(): State {
    const { values = {}, tensors = [] } = super.state()
    return { values, tensors: new Map([...tensors, ...this.#draws.state().tensors!]) }
  }

  /** @throws {StateError} when the state is none of this miner; nothing has changed then. */
  override restore(state: State): void {
    const miner: Stateful = { state: () => super.state(), restore: (own) => { super.restore(own) } }
    restoreAll([[this.#draws, state], [miner, state]])
  }

  /** Frees where its draws stand; the miner stays its owner's. */
  dispose(): void {
    this.#draws.dispose()
  }
}
