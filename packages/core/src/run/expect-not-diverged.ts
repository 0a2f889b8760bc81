import { isMetricLearningError, type NonFiniteError, type Parameters } from '@metric-learning/contracts'
import { expectFinite } from '@metric-learning/ops'

/**
 * Gradients are not checked in each step, which would read all of them once more; what they spoilt is neither saved nor called done.
 *
 * @param when the step after which that is
 * @throws {NonFiniteError} when a parameter is not finite.
 */
export function expectNotDiverged(parameters: Parameters, when: string): void {
  try {
    for (const [name, variable] of parameters) expectFinite('Trainer', name, variable)
  } catch (error) {
    throw saidWhen(error, when)
  }
}

/** A diverged run says where it was; so does what is wrong with a part of one's own. */
export function saidWhen(error: unknown, when: string): unknown {
  if (!isMetricLearningError(error)) return error
  if (error.code === 'ML_NOT_FINITE') return (error as NonFiniteError).during(when)
  return error.code === 'ML_PLUGIN' && error.parts.where === undefined ? error.in(when) : error
}
