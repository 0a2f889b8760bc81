import type * as tf from '@tensorflow/tfjs-core'
import { describeValue } from './errors/describe-value.js'
import { StateError } from './errors/metric-learning-error.js'

/** Plain data, fit for JSON. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain }

/** What something remembers: plain values, and tensors by name. */
export interface State {
  readonly values?: Readonly<Record<string, Plain>>
  /** Belong to whoever gives them, most often variables: to be read before the next step, and not to be disposed. */
  readonly tensors?: ReadonlyMap<string, tf.Tensor>
}

/** What changes during a run and takes part in its checkpoints. */
export interface Stateful {
  /** All that it takes to go on from here. */
  state(): State
  /**
   * Goes on from there. Tensors are copied: they stay the caller's.
   *
   * @throws {StateError} when the state is none of this object's.
   */
  restore(state: State): void
}

/** Whether something has a state of its own. */
export const isStateful = (value: unknown): value is Stateful =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<Stateful>).state === 'function' &&
  typeof (value as Partial<Stateful>).restore === 'function'

/**
 * A state with what it may leave out.
 *
 * @throws {StateError} when it is none: no object, or its `values` are none, or its `tensors` no Map.
 */
export function expectState(who: string, state: unknown): Required<State> {
  const { values = {}, tensors = new Map<string, tf.Tensor>() } = (isRecord(state) ? state : {}) as State
  if (isRecord(state) && isRecord(values) && typeof (tensors as Partial<Map<string, tf.Tensor>> | null)?.get === 'function') return { values, tensors }
  throw new StateError({
    who,
    wanted: 'a state, with `values` and a Map of `tensors`',
    got: describeValue(state),
    fix: 'Restore what `state()` gave; JSON alone has no tensors.',
  })
}

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null
