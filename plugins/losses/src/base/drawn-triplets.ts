import { expectNumber } from '@metric-learning/contracts'
import { firstDrawPosition, option } from '@metric-learning/ops'

/** The option of losses over triplets that may look at some of them only. */
export const tripletsPerAnchor = option.value<'all' | number>(
  "'all' or an integer of at least 1",
  (who, name, value) => {
    if (value !== 'all') expectNumber(who, name, value, { min: 1, integer: true, hint: "Pass such a number, or 'all'." })
  },
  { default: 'all' },
)

/** What such losses say about draws. */
export interface DrawnTripletsOptions {
  readonly tripletsPerAnchor: 'all' | number
  readonly seed: number
}

/** Where draws stand that no run counts, where some are drawn. */
export const drawBuffers = ({ tripletsPerAnchor }: DrawnTripletsOptions) => ({
  draws: tripletsPerAnchor === 'all' ? undefined : firstDrawPosition,
})
