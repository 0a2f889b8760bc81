import type { MetricLossOptions } from './metric-loss.js'

/** The option of losses in which the negatives of an anchor are summed. */
export interface RepeatedPairsOptions extends MetricLossOptions {
  /**
   * Whether a negative pair that the selection holds more than once counts more than once in the sum
   * over negatives, as in PyTorch Metric Learning. Triplets repeat a negative for every positive of
   * its anchor; with false each negative counts once. Default true.
   */
  readonly countRepeats?: boolean
}
