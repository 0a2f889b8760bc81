import * as tf from '@tensorflow/tfjs-core'
import { describeValue, PluginError, StateError } from '@metric-learning/contracts'
import type { ExchangeContext, Progress } from '../hooks/contexts.js'
import type { HookSet } from '../hooks/hook-set.js'
import { deadGradient, isLive, tappedBy } from './live-gradient.js'

/** What came of an exchange. */
interface Exchanged {
  /** Those that were given, or those that they were replaced by: the caller disposes them. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>
  /** Whether the update is to be left out. */
  readonly isHeld: boolean
}

/**
 * Hands the gradients of an update, by names of parameters, to whoever taps `hooks.exchange`.
 *
 * @throws {StateError} when they are replaced by others of which one is missing, or of another shape.
 * @throws {ShapeError} when one is no tensor, or was disposed, also after the tap gave it.
 */
export function exchangeGradients(hooks: HookSet, update: string, gradients: ReadonlyMap<string, tf.Tensor>, progress: Progress): Exchanged {
  let current = gradients
  let isHeld = false
  const context: ExchangeContext = {
    ...progress,
    update,
    get gradients() {
      return current
    },
    replace: (others) => {
      expectSameGradients(gradients, others)
      const used = new Set([...others.values()])
      if (current !== gradients) tf.dispose([...current.values()].filter((tensor) => !used.has(tensor)))
      current = others
    },
    hold: () => {
      isHeld = true
    },
  }
  try {
    hooks.exchange.call(context)
    // What a tap replaced them by inside `tf.tidy` is gone when that ends.
    const dead = [...current].find(([, gradient]) => !isLive(gradient))
    if (dead) throw deadGradient(who, ...dead).in(`hooks.exchange of ${tappedBy(hooks.exchange.taps)}`)
  } catch (error) {
    if (current !== gradients) tf.dispose([...current.values()].filter(isLive))
    throw error
  }
  return { gradients: current, isHeld }
}

const who = 'hooks.exchange, replace'

function expectSameGradients(wanted: ReadonlyMap<string, tf.Tensor>, got: ReadonlyMap<string, tf.Tensor>): void {
  if (typeof (got as Partial<typeof got> | null)?.get !== 'function') {
    throw new PluginError({ who, wanted: 'a Map of gradients by names of parameters', got: describeValue(got), fix: 'Pass `new Map(…)`.' })
  }
  const dead = [...got].find(([, gradient]) => !isLive(gradient))
  if (dead) throw deadGradient(who, ...dead)
  const fault = [...wanted].find(([name, { shape }]) => got.get(name)?.shape.join() !== shape.join() || got.get(name)?.dtype !== 'float32')
  if (fault === undefined) return
  const [name, { shape }] = fault
  const other = got.get(name)
  throw new StateError({
    who,
    wanted: `a gradient of ${name}, float32 [${shape.join(', ')}]`,
    got: other ? `${other.dtype} [${other.shape.join(', ')}]` : 'none',
    fix: 'Replace all gradients, each by one of its shape.',
  })
}
