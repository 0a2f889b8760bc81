import type { MetricLossOptions } from './metric-loss.js'

/** The option of losses in which the negatives of an anchor are summed. */
export interface RepeatedPairsOptions extends MetricLossOptions {
  /**
   * Whether a negative pair that the selection holds more than once counts more than once in the sum
   * over negatives. Triplets repeat a negative for every positive of its anchor, and PyTorch Metric Learning
   * sums it as often; with false each negative counts once, in whatever form it is selected. Default false.
   */
  readonly countRepeats?: boolean
}
