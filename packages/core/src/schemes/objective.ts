import type { Loss, Miner, Optimizer } from '@metric-learning/contracts'
import type { Schedulable } from '@metric-learning/ops'

/** One thing to minimise: a loss, what it looks at, and how much it counts. */
export interface Objective {
  /** Names the term in logs; unique within a trainer. Default: the loss's name. */
  readonly name?: string
  readonly loss: Loss
  /** The output of the scheme that it judges. Default `'embeddings'`. */
  readonly of?: string
  /**
   * The output that this is compared with, row by row of the same samples: another view, another stream. Losses without labels
   * take row i and row i for two views; others take all rows of one class for positives. Default: the output itself.
   */
  readonly against?: string
  /** The label column that it goes by. Default: the dataset's `labels`. */
  readonly labels?: string
  /** Selects the pairs or triplets. Default: all that the labels allow. */
  readonly miner?: Miner
  /**
   * The outputs that the miner looks at, in place of `of` and `against`: other embeddings of the same samples, such as those of another
   * module. Row i stands for row i. Default: those that the loss looks at.
   */
  readonly mineOn?: {
    readonly of?: string
    /** Only beside `against`. */
    readonly against?: string
  }
  /**
   * The name of an objective before this one, of the same update: the miner chooses among the pairs or triplets that were selected for
   * that one, as the stages of a cascade do. For miners that choose, such as HDCMiner. Default: among all that the labels allow.
   */
  readonly mineAmong?: string
  /** Factor of this term in the total. Default 1. */
  readonly weight?: Schedulable
  /** For the loss's own parameters, if it has any. Default `new Adam()`. */
  readonly optimizer?: Optimizer
}

/** What an objective is called in logs and parameter names. */
export const objectiveName = ({ name, loss }: Objective): string => name ?? loss.name

/** The outputs that an objective looks at, by what they are to its loss and to its miner; defaults filled in. */
export function outputNames({ of = 'embeddings', against, mineOn }: Objective) {
  return { of, against, mineOn: mineOn && { of: mineOn.of ?? of, against: mineOn.against ?? against } }
}

/** A loss, and all losses within it. */
export const lossesWithin = (loss: Loss): readonly Loss[] => [loss, ...Object.values(loss.nested ?? {}).flatMap((nested) => lossesWithin(nested.loss))]
