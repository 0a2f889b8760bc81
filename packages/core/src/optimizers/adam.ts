import * as tf from '@tensorflow/tfjs-core'
import type { Parameters } from '../contracts/parameters.js'
import { expectKnownOptions, expectNumber } from '../errors/expectations.js'
import type { Optimizer } from './optimizer.js'

export interface AdamOptions {
  /** α. Default 0.001. */
  readonly learningRate?: number
  /** β₁, decay of the first moment. Default 0.9. */
  readonly beta1?: number
  /** β₂, decay of the second moment. Default 0.999. */
  readonly beta2?: number
  /** ε, added to √v̂. Default 1e-8. */
  readonly epsilon?: number
}

/**
 * Adam, over all parameters at once.
 *
 *     m ← β₁m + (1 - β₁)g      v ← β₂v + (1 - β₂)g²
 *     θ ← θ - α · (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
 *
 * Parameters, gradients and moments are joined into one vector for the update, so that a step takes
 * some twenty operations however many parameters there are (`tf.train.adam` takes ten for each).
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @see Kingma and Ba, Adam, arXiv:1412.6980, algorithm 1.
 */
export class Adam implements Optimizer {
  readonly #beta1: number
  readonly #beta2: number
  readonly #epsilon: number
  readonly #rate: tf.Variable
  readonly #slots = new Map<string, tf.Variable>()
  #learningRate: number

  constructor(options: AdamOptions = {}) {
    expectKnownOptions('Adam', options, ['learningRate', 'beta1', 'beta2', 'epsilon'])
    const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options
    expectNumber('Adam', 'learningRate', learningRate, { min: 0 })
    expectNumber('Adam', 'beta1', beta1, { min: 0, max: 1 })
    expectNumber('Adam', 'beta2', beta2, { min: 0, max: 1 })
    expectNumber('Adam', 'epsilon', epsilon, { min: 0 })
    this.#beta1 = beta1
    this.#beta2 = beta2
    this.#epsilon = epsilon
    this.#learningRate = learningRate
    this.#rate = tf.tidy(() => tf.variable(tf.scalar(learningRate), false))
  }

  get learningRate(): number {
    return this.#learningRate
  }

  set learningRate(value: number) {
    expectNumber('Adam', 'learningRate', value, { min: 0 })
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
      const firstMoments = names.map((name, i) => this.#slot(`${name}.m`, () => tf.zeros([variables[i]!.size])))
      const secondMoments = names.map((name, i) => this.#slot(`${name}.v`, () => tf.zeros([variables[i]!.size])))
      const power1 = this.#slot('beta1Power', () => tf.scalar(1))
      const power2 = this.#slot('beta2Power', () => tf.scalar(1))

      const gradient = join(names.map((name) => gradients.get(name)!))
      const m = tf.add(tf.mul(join(firstMoments), this.#beta1), tf.mul(gradient, 1 - this.#beta1))
      const v = tf.add(tf.mul(join(secondMoments), this.#beta2), tf.mul(tf.square(gradient), 1 - this.#beta2))
      power1.assign(tf.mul(power1, this.#beta1))
      power2.assign(tf.mul(power2, this.#beta2))
      const root = tf.sqrt(tf.sub(1, power2))
      const denominator = tf.add(tf.div(tf.sqrt(v), root), this.#epsilon)
      const update = tf.mul(tf.div(m, denominator), tf.div(this.#rate, tf.sub(1, power1)))

      assignParts(variables, tf.sub(join(variables), update))
      assignParts(firstMoments, m)
      assignParts(secondMoments, v)
    })
  }

  dispose(): void {
    this.#rate.dispose()
    this.#slots.forEach((slot) => slot.dispose())
    this.#slots.clear()
  }

  #slot(name: string, initial: () => tf.Tensor): tf.Variable {
    let slot = this.#slots.get(name)
    if (!slot) {
      slot = tf.variable(initial(), false)
      this.#slots.set(name, slot)
    }
    return slot
  }
}

/** All values one after the other: float32 [total]. */
function join(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  return tf.concat(tensors.map((tensor) => (isVector(tensor) ? tensor : tf.reshape<tf.Rank.R1>(tensor, [tensor.size]))))
}

/** Hands each variable its part of what {@link join} would make of them. */
function assignParts(variables: readonly tf.Variable[], joined: tf.Tensor): void {
  const sizes = variables.map((variable) => variable.size)
  const parts = variables.length === 1 ? [joined] : tf.split(joined, sizes)
  variables.forEach((variable, i) => {
    variable.assign(isVector(variable) ? parts[i]! : tf.reshape(parts[i]!, variable.shape))
  })
}

const isVector = (tensor: tf.Tensor): tensor is tf.Tensor1D => tensor.rank === 1
