import { expectFixedNumber, expectKnownOptions, expectNumber } from '@metric-learning/contracts'
import { halfWave } from './cosine.js'
import type { Shape } from './shape.js'

export interface CosineWarmRestartsOptions {
  /** T, positions up to the first restart; at least 1. */
  readonly t0: number
  /** By how much each stretch is longer than the one before; a whole number from 1. Default 1. */
  readonly tMult?: number
  /** e, the value that each stretch falls towards; at least 0. Default 0. */
  readonly etaMin?: number
}

/**
 * Half a wave from the initial value v towards e, again and again from the start. With u positions since the last restart,
 * in a stretch of U = T · tMultⁱ:
 *
 *     e + (v - e) · (1 + cos(πu / U)) / 2
 *
 * @throws {OptionError} when an option is unknown, missing or out of range.
 * @see torch.optim.lr_scheduler.CosineAnnealingWarmRestarts; Loshchilov and Hutter, SGDR, arXiv:1608.03983, eq. 5.
 */
export function cosineWarmRestarts(options: CosineWarmRestartsOptions): Shape {
  expectKnownOptions('cosineWarmRestarts', options, ['t0', 'tMult', 'etaMin'])
  const { t0, tMult = 1, etaMin = 0 } = options
  expectNumber('cosineWarmRestarts', 't0', t0, { min: 1, integer: true })
  expectNumber('cosineWarmRestarts', 'tMult', tMult, { min: 1, integer: true })
  expectFixedNumber('cosineWarmRestarts', 'etaMin', etaMin, { min: 0 })
  return (position, initial) => {
    let [since, stretch] = [position, t0]
    if (tMult === 1) since %= t0
    while (since >= stretch) {
      since -= stretch
      stretch *= tMult
    }
    return etaMin + (initial - etaMin) * halfWave(since / stretch)
  }
}
