import type * as tf from '@tensorflow/tfjs-core'
import { isMetricLearningError, type ErrorCode } from '@metric-learning/contracts'

/** A check of a suite that failed: what was compared, what was wanted, what came. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError'
}

/** What was looked at, what it has to be, what it was. */
export interface Finding {
  readonly what: string
  readonly wanted: string
  readonly got: string
}

/** @throws {ConformanceError} unless `holds`. */
export function expectThat(holds: boolean, { what, wanted, got }: Finding): asserts holds {
  if (!holds) throw new ConformanceError(`${what}: wanted ${wanted}, got ${got.replace(/\.$/, '')}.`)
}

/** How far two numbers may be apart: atol + rtol · |wanted|. */
export interface Tolerance {
  readonly atol: number
  readonly rtol: number
}

/** What float32 sums in another order may differ by. */
export const rounding: Tolerance = { atol: 2e-5, rtol: 2e-4 }

/** Not a bit. */
export const exactly: Tolerance = { atol: 0, rtol: 0 }

/** Numbers to compare one by one. */
export interface Compared {
  readonly what: string
  readonly actual: ArrayLike<number>
  readonly wanted: ArrayLike<number>
  /** Where the wanted ones are from. */
  readonly as: string
  /** For the place of the first that differs. Default: one list. */
  readonly shape?: readonly number[]
  /** Default {@link rounding}. */
  readonly tolerance?: Tolerance
}

/** Expects numbers that agree one by one; names the first that does not, and counts the others. */
export function expectNumbers({ what, actual, wanted, as, shape = [wanted.length], tolerance = rounding }: Compared): void {
  const { atol, rtol } = tolerance
  expectThat(actual.length === wanted.length, { what, wanted: `${wanted.length} numbers, as ${as}`, got: String(actual.length) })
  const away: number[] = []
  for (let i = 0; i < wanted.length; i++) {
    if (!Number.isFinite(wanted[i]) && !Number.isFinite(actual[i])) away.push(i)
    else if (!(Math.abs(actual[i]! - wanted[i]!) <= atol + rtol * Math.abs(wanted[i]!))) away.push(i)
  }
  const [first] = away
  if (first === undefined) return
  const place = wanted.length === 1 ? '' : ` at [${placeOf(first, shape).join(', ')}]`
  const allowed = atol === 0 && rtol === 0 ? 'exactly' : `± ${short(atol + rtol * Math.abs(wanted[first]!))}, which is ${atol} + ${rtol} · |wanted|`
  const others = away.length === 1 ? '' : `; ${away.length} of ${wanted.length} numbers differ`
  const isNumber = Number.isFinite(wanted[first])
  throw new ConformanceError(
    isNumber
      ? `${what}${place}: wanted ${short(wanted[first]!)} (${allowed}), as ${as}, got ${short(actual[first]!)}${others}.`
      : `${what}${place}: wanted a finite number to compare with, got ${wanted[first]}, as ${as}; it is ${actual[first]} itself${others}.`,
  )
}

/** Expects tensors of one shape that agree element by element. */
export function expectSame(what: string, actual: tf.Tensor, wanted: tf.Tensor, as: string, tolerance = rounding): void {
  expectShape(what, actual, wanted.shape)
  expectNumbers({ what, actual: actual.dataSync(), wanted: wanted.dataSync(), as, shape: wanted.shape, tolerance })
}

/** Expects a tensor that differs from another in some place by more than rounding. */
export function expectOther(what: string, actual: tf.Tensor, same: tf.Tensor, as: string): void {
  const [values, others] = [actual.dataSync(), same.dataSync()]
  const isOther = values.some((value, i) => !(Math.abs(value - others[i]!) <= rounding.atol + rounding.rtol * Math.abs(others[i]!)))
  expectThat(isOther, { what, wanted: `another than ${short(others[0]!)}, which it is ${as} (apart by more than ${rounding.atol} + ${rounding.rtol} · |that|)`, got: `the same: ${short(values[0]!)}` })
}

/** Expects a tensor of a shape. */
export function expectShape(what: string, tensor: Pick<tf.Tensor, 'shape'>, shape: readonly number[]): void {
  expectThat(tensor.shape.join() === shape.join(), { what: `the shape of ${what}`, wanted: `[${shape.join(', ')}]`, got: `[${tensor.shape.join(', ')}]` })
}

/** Expects a tensor without NaN and infinity. */
export function expectFinite(what: string, tensor: tf.Tensor): void {
  const values = tensor.dataSync()
  const at = values.findIndex((value) => !Number.isFinite(value))
  if (at === -1) return
  const place = values.length === 1 ? '' : ` at [${placeOf(at, tensor.shape).join(', ')}]`
  expectThat(false, { what, wanted: 'finite numbers alone', got: `${values[at]}${place}` })
}

/** Expects that a call is refused with an error of this library. */
export function expectRefused(what: string, call: () => unknown, code?: ErrorCode): void {
  const error = thrownBy(call)
  const wanted = code === undefined ? 'an error of this library (a MetricLearningError)' : `an error of this library with the code ${code}`
  if (error === NOTHING) expectThat(false, { what, wanted, got: 'none: it was taken' })
  expectThat(isMetricLearningError(error) && (code === undefined || error.code === code), { what, wanted, got: describeError(error) })
}

/** The same of a call that may wait. */
export async function expectRefusedLater(what: string, call: () => Promise<unknown>, code?: ErrorCode): Promise<void> {
  let error: unknown = NOTHING
  try {
    await call()
  } catch (thrown) {
    error = thrown
  }
  expectRefused(what, () => {
    if (error !== NOTHING) throw error
  }, code)
}

/** That a call threw nothing. */
const NOTHING = Symbol('nothing')

/** What a call throws; {@link NOTHING} where it returns. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return NOTHING
}

/** An error in a line. */
export const describeError = (error: unknown): string =>
  error === NOTHING ? 'no error' : error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error)

/** A number in six digits. */
export const short = (value: number): string => String(Number.isFinite(value) ? Number(value.toPrecision(6)) : value)

function placeOf(index: number, shape: readonly number[]): number[] {
  let left = index
  return [...shape].reverse().map((extent) => {
    const at = left % extent
    left = Math.floor(left / extent)
    return at
  }).reverse()
}
