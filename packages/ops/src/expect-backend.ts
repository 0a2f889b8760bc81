import * as tf from '@tensorflow/tfjs-core'
import { BackendError } from '@metric-learning/contracts'

/**
 * Checks that there is a backend to compute on, before tensors are made; those who make variables call it.
 *
 * @throws {BackendError} which says how to choose one, when none is there or it is not ready yet.
 */
export function expectBackend(who: string): void {
  if (tf.engine().backendNames().length === 0) throw noBackend(who, 'none')
  try {
    tf.backend()
  } catch (cause) {
    throw noBackend(who, 'one that is not ready yet', cause)
  }
}

function noBackend(who: string, got: string, cause?: unknown): BackendError {
  return new BackendError({
    who,
    wanted: 'a backend to compute on',
    got,
    fix: "Call `await useBackend('auto')` of @metric-learning/backend first.",
    ...(cause !== undefined && { cause }),
  })
}
