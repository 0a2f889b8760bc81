import * as tf from '@tensorflow/tfjs-core'
import { goldenNumber, isGoldenTensor, type GoldenCase } from './golden-case.js'

/** Which of a case's tolerances applies. */
export type ToleranceKind = 'value' | 'grad'

/** Something that a case expects and that did not come. */
export class GoldenMismatch extends Error {
  /** @param excess by how much it is off, in multiples of what is allowed; infinite where it is not a matter of degree */
  constructor(
    message: string,
    readonly excess = Infinity,
  ) {
    super(message)
    this.name = 'GoldenMismatch'
  }
}

/**
 * Compares a tensor or numbers with what a case expects, element by element:
 * |actual - expected| <= atol + rtol · |expected|, NaN equal to NaN.
 *
 * @throws {GoldenMismatch} which names the element that is off most, in multiples of what is allowed.
 */
export function expectClose(what: string, actual: tf.Tensor | number | ArrayLike<number>, expected: unknown, of: GoldenCase, kind: ToleranceKind): void {
  const wanted = numbersOf(expected)
  const got = typeof actual === 'number' ? [actual] : actual instanceof tf.Tensor ? actual.dataSync() : actual
  if (got.length !== wanted.length) {
    throw new GoldenMismatch(`${of.id}: ${what} has ${got.length} elements, expected ${wanted.length}`)
  }
  const atol = kind === 'value' ? of.tol.value_atol : (of.tol.grad_atol ?? of.tol.value_atol)
  let worst = { excess: 0, at: 0 }
  wanted.forEach((value, at) => {
    const excess = excessOf(got[at]!, value, atol + of.tol.rtol * Math.abs(value))
    if (excess > worst.excess) worst = { excess, at }
  })
  if (worst.excess > 1) {
    const { at, excess } = worst
    const where = wanted.length > 1 ? `[${at}]` : ''
    const times = Number.isFinite(excess) ? `${excess.toPrecision(3)} times the tolerance` : 'only one of them is finite'
    throw new GoldenMismatch(`${of.id}: ${what}${where} is ${got[at]}, expected ${wanted[at]}: ${times}`, excess)
  }
}

/**
 * Compares what is equal or not: integers, sets, names.
 *
 * @throws {GoldenMismatch}
 */
export function expectEqual(what: string, actual: unknown, expected: unknown, of: GoldenCase): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new GoldenMismatch(`${of.id}: ${what} is ${shortened(got)}, expected ${shortened(wanted)}`)
}

/** Runs all comparisons of a case, and lets the largest deviation speak for it. */
export function expectAll(checks: Iterable<() => void>): void {
  const mismatches: GoldenMismatch[] = []
  for (const check of checks) {
    try {
      check()
    } catch (error) {
      if (!(error instanceof GoldenMismatch)) throw error
      mismatches.push(error)
    }
  }
  mismatches.sort((a, b) => b.excess - a.excess || 0)
  if (mismatches[0]) throw mismatches[0]
}

const shortened = (text: string | undefined): string => (text && text.length > 80 ? `${text.slice(0, 77)}...` : String(text))

function numbersOf(expected: unknown): number[] {
  if (isGoldenTensor(expected)) return expected.data.map(goldenNumber)
  return Array.isArray(expected) ? expected.flat(Infinity).map(goldenNumber) : [goldenNumber(expected)]
}

/** The deviation in multiples of what is allowed: infinite where only one of the two is a finite number. */
function excessOf(actual: number, expected: number, allowed: number): number {
  if (Object.is(actual, expected) || actual === expected) return 0
  return Number.isFinite(actual) && Number.isFinite(expected) ? Math.abs(actual - expected) / allowed : Infinity
}
