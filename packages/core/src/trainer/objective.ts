import type { Loss, Miner, Optimizer } from '@metric-learning/contracts'

/** One thing to minimise: a loss, what it looks at, and how much it counts. */
export interface Objective {
  /** Names the term in logs; unique within a trainer. Default: the loss's name. */
  readonly name?: string
  readonly loss: Loss
  /** Selects the pairs or triplets. Default: all that the labels allow. */
  readonly miner?: Miner
  /** Factor of this term in the total. Default 1. */
  readonly weight?: number
  /** For the loss's own parameters, if it has any. Default `new Adam()`. */
  readonly optimizer?: Optimizer
}
