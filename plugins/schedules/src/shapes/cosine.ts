import { expectFixedNumber, expectKnownOptions, expectNumber } from '@metric-learning/contracts'
import type { Shape } from './shape.js'

export interface CosineOptions {
  /** T, positions from the initial value to the lowest; at least 1. */
  readonly tMax: number
  /** e, the lowest value, at least 0. Default 0. */
  readonly etaMin?: number
}

/**
 * Half a wave from the initial value v down to e, reached at position T. A run that is longer rises again, up to v at 2T:
 * let T be the length of the run.
 *
 *     e + (v - e) · (1 + cos(πt / T)) / 2
 *
 * @throws {OptionError} when an option is unknown, missing or out of range.
 * @see torch.optim.lr_scheduler.CosineAnnealingLR; Loshchilov and Hutter, SGDR, arXiv:1608.03983.
 */
export function cosine(options: CosineOptions): Shape {
  expectKnownOptions('cosine', options, ['tMax', 'etaMin'])
  const { tMax, etaMin = 0 } = options
  expectNumber('cosine', 'tMax', tMax, { min: 1, integer: true })
  expectFixedNumber('cosine', 'etaMin', etaMin, { min: 0 })
  return (position, initial) => etaMin + (initial - etaMin) * halfWave(position / tMax)
}

/** From 1 at 0 down to 0 at 1: (1 + cos πx) / 2. */
export const halfWave = (x: number): number => (1 + Math.cos(Math.PI * x)) / 2
