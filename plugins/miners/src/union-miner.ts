import * as tf from '@tensorflow/tfjs-core'
import { combineSelections, readOptions, type GivenOptions } from '@metric-learning/ops'
import type { LabelRelations, PairSelection, Selection, TripletRule } from '@metric-learning/contracts'
import { ComposedMiner } from './base/composed-miner.js'
import { severalMiners } from './base/several-miners.js'

const options = {
  /** Two miners or more. */
  miners: severalMiners,
}

/** Options of {@link UnionMiner}. */
export type UnionMinerOptions = GivenOptions<typeof options>

/**
 * All pairs or triplets that one of several miners selects. What several of them select has the largest of its weights.
 *
 * Pairs, where all miners select pairs. Otherwise triplets by a rule: pairs are joined at their anchors. Triplets stay whatever the
 * labels say of them, as of `EmbeddingsAlreadyPackagedAsTriplets`.
 *
 * Statistics: those of its miners, each of what it selects alone, as `miners.0/numTriplets`.
 *
 * @useWhen One loss should see what two rules keep, such as the hardest triplet of each anchor beside some that are drawn.
 * @example new UnionMiner({ miners: [new BatchHardMiner(), new DistanceWeightedMiner()] })
 * @throws {OptionError} when an option is unknown, or there are fewer than two miners.
 */
export class UnionMiner extends ComposedMiner<PairSelection | TripletRule> {
  /** All options: for docs and forms. */
  static readonly declaredOptions = options

  constructor(given: UnionMinerOptions) {
    super('UnionMiner', readOptions('UnionMiner', options, given).miners)
  }

  protected compose(selections: readonly Selection[], relations: LabelRelations): PairSelection | TripletRule {
    return combineSelections(selections, relations, tf.maximum)
  }
}
