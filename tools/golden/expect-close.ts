import * as tf from '@tensorflow/tfjs-core'
import { goldenNumber, isGoldenTensor, type GoldenCase } from './golden-case.js'

/** Which of a case's tolerances applies. */
export type ToleranceKind = 'value' | 'grad'

/**
 * Compares a tensor or a number with what a case expects, element by element:
 * |actual - expected| <= atol + rtol · |expected|, NaN equal to NaN.
 *
 * @throws {Error} which names the element that is off most, in multiples of what is allowed.
 */
export function expectClose(what: string, actual: tf.Tensor | number, expected: unknown, of: GoldenCase, kind: ToleranceKind): void {
  const wanted = numbersOf(expected)
  const got = typeof actual === 'number' ? [actual] : actual.dataSync()
  if (got.length !== wanted.length) throw new Error(`${of.id}: ${what} has ${got.length} elements, expected ${wanted.length}`)
  const atol = kind === 'value' ? of.tol.value_atol : (of.tol.grad_atol ?? of.tol.value_atol)
  let worst = { excess: 0, at: 0 }
  wanted.forEach((value, at) => {
    const excess = excessOf(got[at]!, value, atol + of.tol.rtol * Math.abs(value))
    if (excess > worst.excess) worst = { excess, at }
  })
  if (worst.excess > 1) {
    const { at, excess } = worst
    throw new Error(`${of.id}: ${what}[${at}] is ${got[at]}, expected ${wanted[at]}: ${excess.toPrecision(3)} times the tolerance`)
  }
}

function numbersOf(expected: unknown): number[] {
  if (isGoldenTensor(expected)) return expected.data.map(goldenNumber)
  return Array.isArray(expected) ? expected.flat(Infinity).map(goldenNumber) : [goldenNumber(expected)]
}

/** The deviation in multiples of what is allowed: infinite where only one of the two is a finite number. */
function excessOf(actual: number, expected: number, allowed: number): number {
  if (Object.is(actual, expected) || actual === expected) return 0
  return Number.isFinite(actual) && Number.isFinite(expected) ? Math.abs(actual - expected) / allowed : Infinity
}
