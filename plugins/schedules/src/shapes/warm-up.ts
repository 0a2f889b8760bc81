import { expectFixedNumber, expectKnownOptions, expectNumber } from '@metric-learning/contracts'
import { linear } from './linear.js'
import type { Shape } from './shape.js'

export interface WarmUpOptions {
  /** a, the share of the shape's first value to start from; at least 0. Default 1/3. */
  readonly startFactor?: number
  /** n, positions of the warm-up; at least 1. Default 5. */
  readonly totalIters?: number
}

/**
 * A straight line up to where a shape begins, and then the shape from its own beginning. For a shape s and an initial value v:
 *
 *     s(0, v) · (a + (1 - a) · t / n) for t < n, s(t - n, v) from then on
 *
 * @param shape any; its positions are counted from the end of the warm-up
 * @throws {OptionError} when an option is unknown or out of range.
 * @see torch.optim.lr_scheduler.SequentialLR of LinearLR and the shape. For PyTorch's ChainedScheduler, which has both run
 * from position 0, see {@link chained}.
 * @example warmUp(cosine({ tMax: 95 }), { totalIters: 5 })
 */
export function warmUp(shape: Shape, options: WarmUpOptions = {}): Shape {
  expectKnownOptions('warmUp', options, ['startFactor', 'totalIters'])
  const { startFactor = 1 / 3, totalIters = 5 } = options
  expectFixedNumber('warmUp', 'startFactor', startFactor, { min: 0 })
  expectNumber('warmUp', 'totalIters', totalIters, { min: 1, integer: true })
  const rise = linear({ startFactor, totalIters })
  return (position, initial) => (position < totalIters ? rise(position, shape(0, initial)) : shape(position - totalIters, initial))
}
