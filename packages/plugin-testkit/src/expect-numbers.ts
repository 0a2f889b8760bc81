import type * as tf from '@tensorflow/tfjs-core'
import { expect } from 'vitest'

/** How far two numbers may be apart: atol + rtol · |expected|. */
export interface Tolerance {
  readonly atol: number
  readonly rtol: number
}

/** What float32 sums in another order may differ by. */
export const rounding: Tolerance = { atol: 2e-5, rtol: 2e-4 }

/** Expects tensors of one shape that agree element by element. */
export function expectSame(what: string, actual: tf.Tensor, expected: tf.Tensor, tolerance = rounding): void {
  expect(actual.shape, `shape of ${what}`).toEqual(expected.shape)
  expectNumbers(what, actual.dataSync(), expected.dataSync(), tolerance)
}

/** Expects numbers that agree one by one, and names the first that does not. */
export function expectNumbers(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>, { atol, rtol }: Tolerance): void {
  for (let i = 0; i < expected.length; i++) {
    const isClose = Math.abs(actual[i]! - expected[i]!) <= atol + rtol * Math.abs(expected[i]!)
    expect(isClose, `${what}[${i}] is ${actual[i]}, expected ${expected[i]}`).toBe(true)
  }
}

/** Expects a tensor without NaN and infinity. */
export function expectFinite(what: string, tensor: tf.Tensor): void {
  const at = tensor.dataSync().findIndex((value) => !Number.isFinite(value))
  expect(at, `${what}: the place of the first number that is not finite`).toBe(-1)
}
