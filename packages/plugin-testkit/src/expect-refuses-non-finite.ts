import * as tf from '@tensorflow/tfjs-core'
import { NonFiniteError } from '@metric-learning/contracts'
import { FusedKernel, hasFusedKernel } from '@metric-learning/ops'
import { expect } from 'vitest'

/** Why values are not checked here; `undefined` where the backend checks them. */
export const noFiniteCheck = (): string | undefined =>
  hasFusedKernel(FusedKernel.expectFinite) ? undefined : 'the backend checks no values'

/**
 * Expects a {@link NonFiniteError} that says who was given which tensor, for a NaN in the second row of it and for an
 * infinity.
 */
export function expectRefusesNonFinite(who: string, what: string, rows: tf.Tensor2D, call: (rows: tf.Tensor2D) => unknown): void {
  const [count, dim] = rows.shape
  for (const value of [NaN, Infinity, -Infinity]) {
    const at = tf.tensor2d(Float32Array.from({ length: count * dim }, (_, i) => (i === dim + 1 || i === dim * count - 1 ? value : 0)), [count, dim])
    const broken = tf.add<tf.Tensor2D>(rows, at)
    const error = thrownBy(() => call(broken))
    expect(error, `what ${value} in \`${what}\` gives`).toBeInstanceOf(NonFiniteError)
    const { parts, what: named } = error as NonFiniteError
    expect([parts.who, named], `what the error for ${value} names`).toEqual([who, what])
    tf.dispose([at, broken])
  }
}

function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}
