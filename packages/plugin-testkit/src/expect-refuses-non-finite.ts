import * as tf from '@tensorflow/tfjs-core'
import { isMetricLearningError, type NonFiniteError } from '@metric-learning/contracts'
import { FusedKernel, hasFusedKernel } from '@metric-learning/ops'
import { describeError, expectThat, thrownBy } from './expectations.js'

/** Why values are not checked here; `undefined` where the backend checks them. */
export const noFiniteCheck = (): string | undefined =>
  hasFusedKernel(FusedKernel.expectFinite) ? undefined : 'the backend checks no values for NaN'

/**
 * Expects an error of the code `ML_NOT_FINITE` that says who was given which tensor, for a NaN in the second row of it and
 * for an infinity.
 */
export function expectRefusesNonFinite(who: string, what: string, rows: tf.Tensor2D, call: (rows: tf.Tensor2D) => unknown): void {
  const [count, dim] = rows.shape
  for (const value of [NaN, Infinity, -Infinity]) {
    const at = tf.tensor2d(Float32Array.from({ length: count * dim }, (_, i) => (i === dim + 1 || i === dim * count - 1 ? value : 0)), [count, dim])
    const broken = tf.add<tf.Tensor2D>(rows, at)
    const error = thrownBy(() => call(broken))
    const isNotFinite = isMetricLearningError(error) && error.code === 'ML_NOT_FINITE'
    const { parts, what: named } = (isNotFinite ? error : {}) as Partial<NonFiniteError>
    expectThat(isNotFinite && parts?.who === who && named === what, {
      what: `${value} in \`${what}\``,
      wanted: `a NonFiniteError of ${who} about \`${what}\``,
      got: isNotFinite ? `one of ${parts?.who} about \`${named}\`` : describeError(error),
    })
    tf.dispose([at, broken])
  }
}
