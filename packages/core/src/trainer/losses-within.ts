import type { Loss } from '@metric-learning/contracts'

/** A loss, and all losses within it. */
export const lossesWithin = (loss: Loss): readonly Loss[] => [loss, ...Object.values(loss.nested ?? {}).flatMap((nested) => lossesWithin(nested.loss))]
