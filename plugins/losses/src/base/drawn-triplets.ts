import { expectNumber } from '@metric-learning/contracts'
import { drawState, option } from '@metric-learning/ops'

/** The option of losses over triplets that may look at some of them only. */
export const tripletsPerAnchor = option.value<'all' | number>(
  "'all' or an integer of at least 1",
  (who, name, value) => {
    if (value !== 'all') expectNumber(who, name, value, { min: 1, integer: true, hint: "Pass such a number, or 'all'." })
  },
  { default: 'all' },
)

/** The state of the draws, where some are drawn. */
export const drawBuffers = ({ tripletsPerAnchor, seed }: { readonly tripletsPerAnchor: 'all' | number; readonly seed: number }) => ({
  draws: tripletsPerAnchor === 'all' ? undefined : () => drawState(seed),
})
