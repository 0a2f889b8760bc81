import { ShapeError, type TermBlock } from '@metric-learning/contracts'
import { WeightedReducer, type Counted } from './weighted-reducer.js'

/**
 * The sum of the selected values divided by what the loss says, Σ w v / divisor; 0 with gradient 0 for the divisor 0.
 *
 * @formula R = \frac{\sum_i w_i v_i}{D}
 * @useWhen Losses that say what their sum is divided by, such as ProxyAnchorLoss, which takes it where nothing else is given.
 * @example const loss = new ProxyAnchorLoss({ numClasses: 10, embeddingSize: 64, reducer: new DivisorReducer() })
 * @throws {ShapeError} in {@link reduce} when the term of a loss has no divisor.
 */
export class DivisorReducer extends WeightedReducer {
  constructor(options: Record<string, never> = {}) {
    super('DivisorReducer', options)
  }

  protected count({ weights, divisor }: TermBlock, term: string): Counted {
    if (!divisor) {
      throw new ShapeError({
        who: this.name,
        wanted: `a \`divisor\` in the term ${term}`,
        got: 'none',
        fix: 'Take MeanReducer, or a loss that names a divisor: MarginLoss, ProxyAnchorLoss, SparseCentersRegularizer.',
      })
    }
    return { weights, divisor }
  }
}
