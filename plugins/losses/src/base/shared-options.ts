import { expectNumber } from '@metric-learning/contracts'
import { drawState } from '@metric-learning/ops'
import type * as tf from '@tensorflow/tfjs-core'
import type { TripletDraws } from './loss-inputs.js'
import { option } from './option.js'

/** The option of losses in which the negatives of an anchor are summed. */
export const countRepeats = {
  /**
   * Whether a negative pair that the selection holds more than once counts more than once in the sum
   * over negatives. Triplets repeat a negative for every positive of its anchor, and PyTorch Metric Learning
   * sums it as often; with false each negative counts once, in whatever form it is selected. Default false.
   */
  countRepeats: option.flag({ default: false }),
}

/** The options of losses over triplets that may look at some of them only. */
export const tripletDraws = {
  /**
   * How many triplets of each anchor are looked at: all, or so many that are drawn anew in every call, positives and negatives
   * uniformly and with replacement. Holds where no selection is given. Default `'all'`.
   */
  tripletsPerAnchor: option.value<'all' | number>()("'all' or an integer of at least 1", { default: 'all' }, (who, name, value) => {
    if (value !== 'all') expectNumber(who, name, value, { min: 1, integer: true, hint: "Pass such a number, or 'all'." })
  }),
  /** Fixes the draws. Default 0. */
  seed: option.integer({ default: 0 }),
}

/** The state of the draws, where some are drawn. */
export const drawBuffers = ({ tripletsPerAnchor, seed }: { readonly tripletsPerAnchor: 'all' | number; readonly seed: number }) => ({
  draws: tripletsPerAnchor === 'all' ? undefined : () => drawState(seed),
})

/** What a formula asks its triplets with. */
export const drawsOf = (options: { readonly tripletsPerAnchor: 'all' | number }, variables: { readonly draws: tf.Variable<tf.Rank.R2> | undefined }): TripletDraws => ({
  perAnchor: options.tripletsPerAnchor,
  state: variables.draws,
})
