import type { Shape } from './shape.js'

/**
 * Several shapes at once: each starts from what the one before it gives. For shapes that multiply the initial value, such
 * as a line and a decay, the factors multiply.
 *
 *     s₂(t, s₁(t, v))
 *
 * @see torch.optim.lr_scheduler.ChainedScheduler
 * @example chained(linear({ startFactor: 0.1, totalIters: 5 }), exponential({ gamma: 0.95 }))
 */
export function chained(...shapes: readonly Shape[]): Shape {
  return (position, initial) => shapes.reduce((value, shape) => shape(position, value), initial)
}
