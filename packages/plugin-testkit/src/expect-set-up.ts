import { BackendError, isMetricLearningError } from '@metric-learning/contracts'
import { expectBackend, stepCompiler } from '@metric-learning/ops'

/**
 * Checks that there is a backend when a suite begins, which makes what it tries at once.
 *
 * @throws {BackendError} which says where to load one.
 */
export function expectSetUp(name: string): void {
  try {
    expectBackend(name)
  } catch (error) {
    if (!isMetricLearningError(error)) throw error
    const { wanted, got } = error.parts
    throw new BackendError({
      who: name,
      wanted,
      got,
      fix: "Load one in a file of vitest's `setupFiles`: `await useBackend('native-cpu')` of @metric-learning/backend, which runs all checks, or `import '@tensorflow/tfjs'`.",
      cause: error,
    })
  }
}

/** Why nothing compiles here; `undefined` where steps do. */
export const noCompiler = (): string | undefined => (stepCompiler() ? undefined : 'the backend compiles no steps')
