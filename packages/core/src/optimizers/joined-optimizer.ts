import * as tf from '@tensorflow/tfjs-core'
import type { Parameters } from '../contracts/parameters.js'
import { expectNumber } from '../errors/expectations.js'
import { assignParts, join } from './joined-vectors.js'
import type { Optimizer } from './optimizer.js'

/** One update, of all parameters as one vector. */
export interface JoinedUpdate {
  /** θ, float32 [total]. */
  readonly parameters: tf.Tensor1D
  /** g, float32 [total]. */
  readonly gradient: tf.Tensor1D
  /** α, a scalar. */
  readonly rate: tf.Tensor
  /**
   * Moves what is remembered of each parameter, zeros at first, to what `next` makes of it.
   *
   * @returns its new value, float32 [total]
   */
  move(slot: string, next: (old: tf.Tensor1D) => tf.Tensor1D): tf.Tensor1D
  /** The same for one number, 0 at first. */
  moveScalar(slot: string, next: (old: tf.Scalar) => tf.Scalar): tf.Scalar
}

/**
 * An optimizer over all parameters at once: parameters, gradients and slots are joined into one vector each for
 * the update, so that a step takes some twenty operations however many parameters there are (tfjs's own optimizers
 * take up to ten for each).
 *
 * An optimizer says what its update is; slots are named `<parameter>.<slot>`, or `<slot>` for a single number.
 */
export abstract class JoinedOptimizer implements Optimizer {
  readonly #rate: tf.Variable
  readonly #slots = new Map<string, tf.Variable>()
  #learningRate: number

  constructor(
    private readonly name: string,
    learningRate: number,
  ) {
    expectNumber(name, 'learningRate', learningRate, { min: 0 })
    this.#learningRate = learningRate
    this.#rate = tf.tidy(() => tf.variable(tf.scalar(learningRate), false))
  }

  /** The parameters after the step: float32 [total]. */
  protected abstract update(step: JoinedUpdate): tf.Tensor1D

  get learningRate(): number {
    return this.#learningRate
  }

  set learningRate(value: number) {
    expectNumber(this.name, 'learningRate', value, { min: 0 })
    this.#learningRate = value
    tf.tidy(() => {
      this.#rate.assign(tf.scalar(value))
    })
  }

  get slots(): Parameters {
    return this.#slots
  }

  apply(parameters: Parameters, gradients: ReadonlyMap<string, tf.Tensor>): void {
    const names = [...parameters.keys()].filter((name) => gradients.has(name))
    if (names.length === 0) return
    tf.tidy(() => {
      const variables = names.map((name) => parameters.get(name)!)
      const updated = this.update({
        parameters: join(variables),
        gradient: join(names.map((name) => gradients.get(name)!)),
        rate: this.#rate,
        move: (slot, next) => {
          const slots = names.map((name, i) => this.#slot(`${name}.${slot}`, [variables[i]!.size]))
          const value = next(join(slots))
          assignParts(slots, value)
          return value
        },
        moveScalar: (slot, next) => {
          const variable = this.#slot(slot, []) as tf.Tensor as tf.Variable<tf.Rank.R0>
          const value = next(variable)
          variable.assign(value)
          return value
        },
      })
      assignParts(variables, updated)
    })
  }

  dispose(): void {
    this.#rate.dispose()
    this.#slots.forEach((slot) => slot.dispose())
    this.#slots.clear()
  }

  #slot(name: string, shape: number[]): tf.Variable {
    let slot = this.#slots.get(name)
    if (!slot) {
      slot = tf.variable(tf.zeros(shape), false)
      this.#slots.set(name, slot)
    }
    return slot
  }
}
