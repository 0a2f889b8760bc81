import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { BackendError } from '@metric-learning/contracts'
import type { NativeNeighbours } from '@metric-learning/ops'
import type { TFJSBinding } from '#tfjs-node/tfjs_binding.js'

const require = createRequire(import.meta.url)

/**
 * Loads the compiled addon and with it the TensorFlow library, which is kept from writing to standard error meanwhile
 * unless `tensorflowLogs`; and registers operations of our own with that library.
 *
 * @throws {BackendError} when it cannot be loaded.
 */
export function requireAddon(addon: string, tensorflowLogs: boolean): TFJSBinding {
  return expectLoads(addon, () => {
    const load = () => {
      const binding = require(addon) as TFJSBinding
      require(join(dirname(addon), 'operations.node'))
      return binding
    }
    if (tensorflowLogs) return load()
    const quietly = require(join(dirname(addon), 'quietly.node')) as <T>(callback: () => T) => T
    return quietly(load)
  })
}

/**
 * Loads the addon that ranks embeddings.
 *
 * @throws {BackendError} when it cannot be loaded.
 */
export function requireNeighbours(addon: string): NativeNeighbours {
  return expectLoads(addon, () => require(addon) as NativeNeighbours)
}

function expectLoads<T>(addon: string, load: () => T): T {
  try {
    return load()
  } catch (cause) {
    throw new BackendError({
      who: 'native backend',
      wanted: `to load ${addon}`,
      got: cause instanceof Error ? cause.message.split('\n')[0]! : String(cause),
      fix: 'Remove the cache folder and run the set-up again.',
      cause,
    })
  }
}
