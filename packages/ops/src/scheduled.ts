import * as tf from '@tensorflow/tfjs-core'
import { expectFixedNumber, type RestrictedNumber } from '@metric-learning/contracts'
import { expectBackend } from './expect-backend.js'

const BRAND = Symbol.for('metric-learning.scheduled')

/**
 * A number that may change while a run is under way: a margin, a temperature, a weight, a learning rate. It enters a step
 * as a tensor, so that a new value takes effect at the next step, compiled or not, and costs nothing.
 *
 * Whoever takes one as an option checks its range with `expectNumber`, once; each later value is held to it.
 *
 * @throws {OptionError} when a value is no finite number, or outside the range that somebody who uses it allows.
 * @example
 * const margin = new Scheduled(0.05, 'margin')
 * const loss = new TripletMarginLoss({ margin })
 * margin.value = 0.2
 */
export class Scheduled implements RestrictedNumber {
  readonly [BRAND] = true
  /** The value on the device, float32 []. */
  readonly tensor: tf.Variable<tf.Rank.R0>
  readonly #checks = new Map<string, (value: number) => void>()
  #value: number

  /**
   * @param value in effect until it is changed
   * @param name for errors, logs and saved runs
   * @throws {BackendError} when there is no backend yet.
   */
  constructor(
    value: number,
    readonly name = 'Scheduled',
  ) {
    expectFixedNumber(name, 'value', value)
    expectBackend(name)
    this.#value = value
    this.tensor = tf.tidy(() => tf.variable(tf.scalar(value), false))
  }

  /** As it was set, in double precision. */
  get value(): number {
    return this.#value
  }

  /** A value that is refused leaves the old one in place. */
  set value(value: number) {
    expectFixedNumber(this.name, 'value', value)
    this.#checks.forEach((check) => check(value))
    this.#value = value
    tf.tidy(() => {
      this.tensor.assign(tf.scalar(value))
    })
  }

  restrict(rule: string, check: (value: number) => void): void {
    check(this.#value)
    this.#checks.set(rule, check)
  }

  /** Frees the tensor; the number belongs to whoever made it. */
  dispose(): void {
    this.tensor.dispose()
  }
}

/** What an option takes that may be scheduled. */
export type Schedulable = number | Scheduled

/** Whether something is a {@link Scheduled}, also one of another copy of this package. */
export const isScheduled = (value: unknown): value is Scheduled =>
  typeof value === 'object' && value !== null && (value as Partial<Scheduled>)[BRAND] === true

/** What a formula computes with: a plain number as it is, a scheduled one as its tensor. */
export const tensorOf = (value: Schedulable | tf.Scalar): number | tf.Scalar => (isScheduled(value) ? value.tensor : value)
