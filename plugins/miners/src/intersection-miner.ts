import * as tf from '@tensorflow/tfjs-core'
import { combineSelections, readOptions, type GivenOptions } from '@metric-learning/ops'
import type { LabelRelations, PairSelection, Selection, TripletRule } from '@metric-learning/contracts'
import { ComposedMiner } from './base/composed-miner.js'
import { severalMiners } from './base/several-miners.js'

const options = {
  /** Two miners or more. */
  miners: severalMiners,
}

/** Options of {@link IntersectionMiner}. */
export type IntersectionMinerOptions = GivenOptions<typeof options>

/**
 * The pairs or triplets that all of several miners select, with the smallest of their weights.
 *
 * Pairs, where all miners select pairs. Otherwise triplets by a rule: pairs are joined at their anchors.
 *
 * Statistics: those of its miners, each of what it selects alone, as `miners.0/numTriplets`.
 *
 * @useWhen One rule should hold within another, such as semi-hard triplets of pairs that are hard beside their batch.
 * @example new IntersectionMiner({ miners: [new MultiSimilarityMiner(), new TripletMarginMiner({ typeOfTriplets: 'semihard' })] })
 * @throws {OptionError} when an option is unknown, or there are fewer than two miners.
 */
export class IntersectionMiner extends ComposedMiner<PairSelection | TripletRule> {
  /** All options: for docs and forms. */
  static readonly declaredOptions = options

  constructor(given: IntersectionMinerOptions) {
    super('IntersectionMiner', readOptions('IntersectionMiner', options, given).miners)
  }

  protected compose(selections: readonly Selection[], relations: LabelRelations): PairSelection | TripletRule {
    return combineSelections(selections, relations, tf.minimum)
  }
}
