import type * as tf from '@tensorflow/tfjs-core'

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
