import { expectBoolean, expectFixedNumber, expectKnownOptions, expectNumber, expectOneOf } from '@metric-learning/contracts'
import { halfWave } from './cosine.js'
import type { Shape } from './shape.js'

export interface OneCycleOptions {
  /** The highest value, above 0. */
  readonly maxValue: number
  /** n, positions of the cycle; at least 2. */
  readonly totalSteps: number
  /** p, the part of the cycle that rises; from 0 to 1, in three phases to 1/2. Default 0.3. */
  readonly pctStart?: number
  /** How a phase goes from one value to the next: half a cosine wave, or a straight line. Default `'cos'`. */
  readonly annealStrategy?: 'cos' | 'linear'
  /** The start is `maxValue / divFactor`; above 0. Default 25. */
  readonly divFactor?: number
  /** The end is the start divided by this; above 0. Default 10,000. */
  readonly finalDivFactor?: number
  /** Falls back to the start as long as it rose, and from there to the end. Default false: from the top to the end at once. */
  readonly threePhase?: boolean
}

/**
 * Up to `maxValue`, and far down, once. Gives values outright: what the number was before makes no difference. Meant to go
 * by step. After the cycle the last value stays.
 *
 *     start = maxValue / divFactor    end = start / finalDivFactor
 *     two phases:   start ↗ maxValue at pn - 1, ↘ end at n - 1
 *     three phases: start ↗ maxValue at pn - 1, ↘ start at 2pn - 2, ↘ end at n - 1
 *
 * @throws {OptionError} when an option is unknown, missing or out of range.
 * @see torch.optim.lr_scheduler.OneCycleLR, which moves momentum, too, and fails after the cycle; Smith and Topin,
 * Super-Convergence, arXiv:1708.07120.
 */
export function oneCycle(options: OneCycleOptions): Shape {
  const known = ['maxValue', 'totalSteps', 'pctStart', 'annealStrategy', 'divFactor', 'finalDivFactor', 'threePhase']
  expectKnownOptions('oneCycle', options, known)
  const { maxValue, totalSteps, annealStrategy = 'cos', divFactor = 25, finalDivFactor = 1e4, threePhase = false } = options
  const { pctStart = 0.3 } = options
  for (const [option, value] of Object.entries({ maxValue, divFactor, finalDivFactor })) {
    expectFixedNumber('oneCycle', option, value, { min: 0, exclusiveMin: true })
  }
  expectNumber('oneCycle', 'totalSteps', totalSteps, { min: 2, integer: true })
  expectFixedNumber('oneCycle', 'pctStart', pctStart, { min: 0, max: threePhase ? 0.5 : 1 })
  expectOneOf('oneCycle', 'annealStrategy', annealStrategy, ['cos', 'linear'])
  expectBoolean('oneCycle', 'threePhase', threePhase)

  const start = maxValue / divFactor
  const end = start / finalDivFactor
  const rise = pctStart * totalSteps
  const corners = [
    { at: 0, value: start },
    { at: rise - 1, value: maxValue },
    ...(threePhase ? [{ at: 2 * rise - 2, value: start }] : []),
    { at: totalSteps - 1, value: end },
  ]
  return (position) => {
    const at = Math.min(position, totalSteps - 1)
    const next = corners.findIndex((corner, i) => i > 0 && at <= corner.at)
    const [from, to] = [corners[next - 1]!, corners[next]!]
    const share = to.at === from.at ? 1 : (at - from.at) / (to.at - from.at)
    return annealStrategy === 'cos' ? to.value + (from.value - to.value) * halfWave(share) : from.value + (to.value - from.value) * share
  }
}
