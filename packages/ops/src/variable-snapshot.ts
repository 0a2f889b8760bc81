import * as tf from '@tensorflow/tfjs-core'
import { StateError } from '@metric-learning/contracts'

/**
 * The values of all variables at one moment, which can be put back. Values are shared, not copied: what a snapshot costs is
 * a few microseconds a variable, and that values which are replaced meanwhile stay in memory until it is disposed.
 *
 * A variable that is made after {@link take} counts with the value it was made with, as long as the snapshot is open.
 */
export class VariableSnapshot {
  /** Snapshots that want to know of new variables. */
  static readonly #open = new Set<VariableSnapshot>()
  static #isWatching = false

  readonly #values = new Map<tf.Variable, tf.Tensor>()

  private constructor() {
    for (const variable of registeredVariables()) this.#note(variable)
  }

  /** Of all variables that there are. {@link dispose} it. */
  static take(): VariableSnapshot {
    VariableSnapshot.#watch()
    const snapshot = new VariableSnapshot()
    VariableSnapshot.#open.add(snapshot)
    return snapshot
  }

  /**
   * Does all of `work` or nothing: if it throws, every variable gets back the value it had.
   *
   * @throws whatever `work` throws.
   */
  static allOrNothing<T>(work: () => T): T {
    const snapshot = VariableSnapshot.take()
    try {
      return work()
    } catch (error) {
      snapshot.restore()
      throw error
    } finally {
      snapshot.dispose()
    }
  }

  /**
   * Does some work, and gives every variable back the value that it had before, whether or not it throws.
   *
   * @param work is given the snapshot, so that it can tell what it has changed
   * @throws whatever `work` throws.
   */
  static puttingBack<T>(work: (before: VariableSnapshot) => T): T {
    const before = VariableSnapshot.take()
    try {
      return work(before)
    } finally {
      before.restore()
      before.dispose()
    }
  }

  /** Puts all values back. Variables that are gone stay gone. */
  restore(): void {
    for (const [variable, value] of this.#changed()) variable.assign(value)
  }

  /** The values of those variables that have another one by now, by names of variables; they belong to the surrounding `tf.tidy`. */
  changes(): tf.NamedTensorMap {
    return Object.fromEntries(this.#changed().map(([variable]) => [variable.name, tf.clone<tf.Tensor>(variable)]))
  }

  /** Lets go of the values. */
  dispose(): void {
    VariableSnapshot.#open.delete(this)
    for (const value of this.#values.values()) value.dispose()
    this.#values.clear()
  }

  #changed(): [tf.Variable, tf.Tensor][] {
    return [...this.#values].filter(([variable, value]) => !variable.isDisposed && variable.dataId !== value.dataId)
  }

  #note(variable: tf.Variable): void {
    this.#values.set(variable, valueOf(variable))
  }

  /** tfjs tells nobody of new variables: they are all made by one method of its engine. */
  static #watch(): void {
    if (VariableSnapshot.#isWatching) return
    VariableSnapshot.#isWatching = true
    const engine = tf.engine()
    const makeVariable = engine.makeVariable.bind(engine)
    engine.makeVariable = (...args) => {
      const variable = makeVariable(...args)
      for (const snapshot of VariableSnapshot.#open) snapshot.#note(variable)
      return variable
    }
  }
}

/**
 * Gives variables new values, by their names.
 *
 * @throws {StateError} when there is no variable of a name any more; no value has changed then.
 */
export function assignByName(values: tf.NamedTensorMap): void {
  const variables = tf.engine().state.registeredVariables as Readonly<Record<string, tf.Variable | undefined>>
  const gone = Object.keys(values).find((name) => variables[name] === undefined)
  if (gone !== undefined) {
    throw new StateError({ who: 'assignByName', wanted: `the variable ${gone}`, got: 'none of that name, since it was disposed', fix: 'Dispose variables after the step that assigns them.' })
  }
  for (const [name, value] of Object.entries(values)) variables[name]!.assign(value)
}

/** What a variable holds now, kept: `tf.keep(tf.clone(variable))` without an operation. */
function valueOf(variable: tf.Variable): tf.Tensor {
  const engine = tf.engine()
  engine.backend.incRef(variable.dataId)
  return tf.keep(engine.makeTensorFromTensorInfo(variable))
}

const registeredVariables = (): tf.Variable[] =>
  Object.values(tf.engine().state.registeredVariables as Readonly<Record<string, tf.Variable>>)
