import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, expectState, StateError, type Optimizer, type Parameters, type State } from '@metric-learning/contracts'
import { isScheduled, noteUpdate, Scheduled, type Schedulable } from '@metric-learning/ops'
import { Cohorts } from './cohorts.js'
import { expectPathsOf, isDecayed, type DecayedParameters } from './decayed-parameters.js'
import { parameterBatches } from './parameter-batches.js'
import type { StepScalars, UpdateRule } from './update-rule.js'

/** One parameter of a step. */
interface Target {
  readonly size: number
  readonly variable: tf.Variable
  readonly gradient: tf.Tensor
  readonly slots: readonly tf.Variable[]
}

/**
 * An optimizer over many parameters at once: small parameters, their gradients and their slots are joined into vectors
 * for the update, so that a step takes some twenty operations for all of them (tfjs's own optimizers take up to ten for
 * each); large ones are updated one by one. Compiled steps carry out known rules where the values lie instead, without
 * new copies of anything.
 *
 * An optimizer says what its rule is; slots are named `<parameter>.<slot>`, or `<slot>` for a single number that moves from step to step. Where some
 * parameters have taken fewer steps than others, as those that were frozen for a while, that number is one of each such cohort, `<slot>.1`, ….
 */
export abstract class JoinedOptimizer implements Optimizer {
  readonly #slots = new Map<string, tf.Variable>()
  /** Those that it was prepared for. */
  readonly #parameters = new Map<string, tf.Variable>()
  /** Names of the numbers that move from step to step. */
  readonly #moved = new Set<string>()
  private readonly cohorts = new Cohorts((from, to) => this.#copyMoved(from, to))
  readonly #ownsRate: boolean
  /** The learning rate α. */
  readonly rate: Scheduled

  constructor(
    private readonly name: string,
    learningRate: Schedulable,
    private readonly weightDecayOf: DecayedParameters = 'all',
  ) {
    expectNumber(name, 'learningRate', learningRate, { min: 0 })
    this.#ownsRate = !isScheduled(learningRate)
    this.rate = isScheduled(learningRate) ? learningRate : new Scheduled(learningRate, `${name}, learningRate`)
    if (this.#ownsRate) expectNumber(name, 'learningRate', this.rate, { min: 0 })
  }

  /** The rule of the step that is about to be taken; called once a step, for parameters that have taken all of theirs together. */
  protected abstract rule(scalars: StepScalars): UpdateRule

  get learningRate(): number {
    return this.rate.value
  }

  set learningRate(value: number) {
    this.rate.value = value
  }

  get slots(): Parameters {
    return this.#slots
  }

  prepare(parameters: Parameters): void {
    const trainable = [...parameters].filter(([, variable]) => variable.trainable)
    this.#expectOwn(parameters)
    this.cohorts.add(parameters.keys())
    expectPathsOf(this.name, this.weightDecayOf, parameters)
    if (trainable.length === 0) return
    tf.tidy(() => {
      const { slots } = this.rule({ rate: this.rate.tensor, move: (name) => this.#movedSlot(name, 0) as tf.Tensor as tf.Scalar })
      for (const [name, variable] of trainable) slots.forEach((slot) => this.#slot(`${name}.${slot}`, variable))
    })
  }

  /** Moments are of the parameters that they were made for, and not of others of the same names. */
  #expectOwn(parameters: Parameters): void {
    for (const [name, variable] of parameters) {
      const known = this.#parameters.get(name)
      if (known !== undefined && known !== variable) {
        throw new StateError({
          who: this.name,
          wanted: `the parameters that it was made for`,
          got: `another "${name}"`,
          fix: 'Make an optimizer for each model: this one remembers moments of the other.',
        })
      }
      this.#parameters.set(name, variable)
    }
  }

  state(): State {
    const cohorts = this.cohorts.state
    return { values: { kind: this.name, learningRate: this.learningRate, ...(cohorts && { cohorts }) }, tensors: this.#slots as ReadonlyMap<string, tf.Tensor> }
  }

  /** @throws {StateError} when the state is that of another optimizer, or of other parameters. */
  restore(state: State): void {
    const { values, tensors } = expectState(this.name, state)
    const { kind, learningRate, cohorts } = values
    const unlike = [...this.#slots].find(([name, { shape }]) => !this.#isOfOneCohort(name) && tensors.get(name)?.shape.join() !== shape.join())
    if (kind !== this.name || typeof learningRate !== 'number' || unlike) {
      const [name, slot] = unlike ?? []
      throw new StateError({
        who: this.name,
        wanted: slot ? `"${name}" as [${slot.shape.join(', ')}], as the parameters have it` : `the state of a ${this.name}, with its learning rate`,
        got: slot ? (tensors.has(name!) ? `[${tensors.get(name!)!.shape.join(', ')}]` : 'none') : String(kind),
        fix: 'Make the optimizer, and what it trains, with the options that the saved one had.',
      })
    }
    tf.tidy(() => {
      for (const [name, tensor] of tensors) this.#slot(name, tensor).assign(tf.clone(tensor))
    })
    this.cohorts.restore(cohorts as Readonly<Record<string, number>> | undefined)
    this.learningRate = learningRate
  }

  apply(parameters: Parameters, gradients: ReadonlyMap<string, tf.Tensor>): void {
    const names = [...parameters.keys()].filter((name) => gradients.has(name))
    if (names.length === 0) return
    this.cohorts.add(parameters.keys())
    for (const { number, names: own } of this.cohorts.stepping(names)) {
      tf.tidy(() => {
        this.#applyTo(own, parameters, gradients, number)
      })
    }
  }

  #applyTo(names: readonly string[], parameters: Parameters, gradients: ReadonlyMap<string, tf.Tensor>, cohort: number): void {
    const rule = this.rule({ rate: this.rate.tensor, move: (name, next) => this.#move(name, cohort, next) })
    const targetsOf = (own: readonly string[]) =>
      own.map((name) => {
        const variable = parameters.get(name)!
        const slots = rule.slots.map((slot) => this.#slot(`${name}.${slot}`, variable))
        return { size: variable.size, variable, gradient: gradients.get(name)!, slots }
      })
    const decays = (name: string) => isDecayed(this.weightDecayOf, name, parameters.get(name)!)
    const spared: UpdateRule = { ...rule, ...rule.undecayed, weightDecay: 0 }
    for (const batch of parameterBatches(targetsOf(names.filter(decays)))) tf.tidy(() => update(batch, rule))
    for (const batch of parameterBatches(targetsOf(names.filter((name) => !decays(name))))) tf.tidy(() => update(batch, spared))
  }

  dispose(): void {
    if (this.#ownsRate) this.rate.dispose()
    this.#slots.forEach((slot) => slot.dispose())
    this.#slots.clear()
  }

  #move(name: string, cohort: number, next: (old: tf.Scalar) => tf.Scalar): tf.Scalar {
    const variable = this.#movedSlot(name, cohort)
    const value = next(variable)
    variable.assign(value)
    return value
  }

  #movedSlot(name: string, cohort: number): tf.Variable<tf.Rank.R0> {
    this.#moved.add(name)
    return this.#slot(slotOf(name, cohort), this.rate.tensor) as tf.Tensor as tf.Variable<tf.Rank.R0>
  }

  /** What moves with a cohort goes on from there for those that leave it, or have been left. */
  #copyMoved(from: number, to: number): void {
    for (const name of this.#moved) {
      const value = this.#slots.get(slotOf(name, from))
      if (!value) continue
      const copy = tf.tidy(() => tf.variable<tf.Rank>(tf.clone<tf.Tensor>(value), false))
      // Of a run that was restored since.
      this.#slots.get(slotOf(name, to))?.dispose()
      this.#slots.set(slotOf(name, to), copy)
    }
  }

  #isOfOneCohort(slot: string): boolean {
    return [...this.#moved].some((name) => slot.startsWith(`${name}.`))
  }

  /** What is remembered under a name; zeros in the shape of `like` at first. */
  #slot(name: string, like: tf.Tensor): tf.Variable {
    let slot = this.#slots.get(name)
    if (!slot) {
      slot = tf.tidy(() => tf.variable(tf.zerosLike(like), false))
      this.#slots.set(name, slot)
    }
    return slot
  }
}

/** Of a number that moves, by the cohort that it moves with. */
const slotOf = (name: string, cohort: number): string => (cohort === 0 ? name : `${name}.${cohort}`)

function update(targets: readonly Target[], rule: UpdateRule): void {
  const gradients = targets.map((target) => decayed(target, rule.weightDecay))
  const slots = rule.slots.map((_, i) => join(targets.map((target) => target.slots[i]!)))
  const joined = rule.next(join(targets.map(({ variable }) => variable)), join(gradients), slots)
  const parts = joined.map((values) => split(values, targets))
  targets.forEach((target, t) => {
    const variables = [target.variable, ...target.slots]
    const next = parts.map((part) => part[t]!)
    if (rule.inPlace) noteUpdate({ rule: rule.inPlace, variables, gradient: gradients[t]!, next })
    variables.forEach((variable, i) => variable.assign(next[i]!))
  })
}

/** g + λθ, the gradient of the loss plus ½λ‖θ‖²; g itself for λ = 0. */
function decayed({ gradient, variable }: Target, weightDecay = 0): tf.Tensor {
  return weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(variable, weightDecay))
}

/** All values one after the other; a single tensor as it is. */
function join(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tensors.length === 1 ? tensors[0]! : tf.concat(tensors.map((tensor) => inShape(tensor, [tensor.size])))
}

/** The part of each target, in its shape. */
function split(joined: tf.Tensor, targets: readonly Target[]): tf.Tensor[] {
  if (targets.length === 1) return [joined]
  const parts = tf.split(joined, targets.map(({ size }) => size))
  return targets.map(({ variable }, i) => inShape(parts[i]!, variable.shape))
}

/** Most parameters are vectors, which take no operation. */
function inShape(tensor: tf.Tensor, shape: number[]): tf.Tensor {
  return tensor.rank === 1 && shape.length === 1 ? tensor : tf.reshape(tensor, shape)
}
