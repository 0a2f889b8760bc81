import { expectNumber } from '@metric-learning/contracts'
import { drawState } from '@metric-learning/ops'
import type * as tf from '@tensorflow/tfjs-core'
import type { TripletDraws } from '../base/loss-inputs.js'
import { option } from '../base/option.js'

/** The option of losses over triplets that may look at some of them only. */
export const tripletsPerAnchor = option.value<'all' | number>()("'all' or an integer of at least 1", { default: 'all' }, (who, name, value) => {
  if (value !== 'all') expectNumber(who, name, value, { min: 1, integer: true, hint: "Pass such a number, or 'all'." })
})

/** The state of the draws, where some are drawn. */
export const drawBuffers = ({ tripletsPerAnchor, seed }: { readonly tripletsPerAnchor: 'all' | number; readonly seed: number }) => ({
  draws: tripletsPerAnchor === 'all' ? undefined : () => drawState(seed),
})

/** What a formula asks its triplets with. */
export const drawsOf = (options: { readonly tripletsPerAnchor: 'all' | number }, variables: { readonly draws: tf.Variable<tf.Rank.R2> | undefined }): TripletDraws => ({
  perAnchor: options.tripletsPerAnchor,
  state: variables.draws,
})
