import * as tf from '@tensorflow/tfjs-core'
import { PluginError, StateError, type Dataset } from '@metric-learning/contracts'
import { CompilableStep, VariableSnapshot, type CompilableStepOptions } from '@metric-learning/ops'
import type { Progress } from '../hooks/contexts.js'
import type { HookSet } from '../hooks/hook-set.js'
import type { EmptySelections } from './empty-selections.js'
import { exchangeGradients } from './exchange.js'
import { deadGradient, isLive, tappedBy } from './live-gradient.js'
import { joinedTerms, lossTerms, termTwice, type LossTermsByName } from './loss-terms.js'
import type { StepBatch, StepView } from './step-batch.js'
import type { PlannedUpdate, TrainingPlan } from './training-plan.js'

/** What a step leaves behind. */
export interface StepResult {
  /** Names of the loss terms. */
  readonly termNames: readonly string[]
  /** Their weighted values, float32 [terms], still on the device; the caller disposes it. */
  readonly terms: tf.Tensor1D
}

/** What the tensors that come out of a step are, as of the last time that it ran as code. */
interface Named {
  readonly terms: readonly string[]
  readonly gradients: readonly string[]
  /** What the forward pass assigned: running statistics, memories. */
  readonly assigned: readonly tf.Variable[]
}

/** What the backward pass of an update gives. */
interface Backward {
  readonly terms: LossTermsByName
  readonly gradients: ReadonlyMap<string, tf.Tensor>
}

/**
 * From a batch to updated weights: a synchronous function of tensors under one `tf.tidy`. It reads nothing back from the
 * device; the loss stays there until somebody asks. Where the backend can, it is captured and runs as one graph.
 *
 * It has two phases: gradients, which change nothing, and the update. Where somebody taps `hooks.exchange` they are two graphs,
 * with that hook in between; else they are one. A step that fails changes nothing, in either way.
 */
export class TrainingStep {
  readonly #whole: CompilableStep
  readonly #phases: readonly { readonly update: PlannedUpdate; readonly gradients: CompilableStep; readonly apply: CompilableStep }[]
  /** By what shapes the step, and the shapes of its inputs: as graphs are told apart. */
  readonly #named = new Map<string, Named>()
  /** What the step under way is about. */
  #batch!: StepBatch
  #isHeld = false
  #key = ''

  constructor(
    private readonly plan: TrainingPlan,
    private readonly dataset: Dataset,
    readonly hooks: HookSet,
    readonly empty: EmptySelections,
    options: CompilableStepOptions,
  ) {
    this.#whole = new CompilableStep('training step', () => this.#takeAll(), options)
    this.#phases = plan.updates.map((update) => ({
      update,
      gradients: new CompilableStep(`gradients of ${update.name}`, () => this.#gradientsOf(update), options),
      apply: new CompilableStep(`update of ${update.name}`, (...given) => this.#apply(update, given), options),
    }))
  }

  run(batch: StepBatch, progress: Progress): StepResult {
    this.#batch = batch
    const facts = this.#whatShapes(batch)
    const key = `${facts} ${shapesOf(batch.tensors)}`
    this.#key = key
    if (this.hooks.exchange.taps.length > 0) return this.#exchanging(batch, facts, key, progress)
    const [terms] = tf.tidy(() => this.#whole.run(batch.tensors, facts))
    return { termNames: this.#named.get(key)!.terms, terms: terms as tf.Tensor1D }
  }

  /** Has the next run see whether the step still does what was captured. */
  verify(): void {
    for (const step of this.#steps()) step.verify()
  }

  /** What was captured is forgotten, so that code which changed takes effect. */
  recapture(): void {
    for (const step of this.#steps()) step.clear()
  }

  dispose(): void {
    for (const step of this.#steps()) step.dispose()
  }

  #steps(): readonly CompilableStep[] {
    return [this.#whole, ...this.#phases.flatMap(({ gradients, apply }) => [gradients, apply])]
  }

  /** All that shapes the step besides the shapes of its inputs. */
  #whatShapes(batch: StepBatch): string {
    const frozen = [...this.plan.parameters].flatMap(([name, { trainable }]) => (trainable ? [] : name))
    return `${batch.facts} ${frozen.join()}`
  }

  // One graph

  #takeAll(): tf.Tensor[] {
    const view = this.#batch.inStep(this.dataset.normalization)
    const terms = this.plan.updates.map((update) => {
      const { terms: found, gradients } = this.#backward(update, view)
      this.#change(update, gradients)
      return found
    })
    const all = joinedTerms(terms)
    this.#named.set(this.#key, { terms: [...all.keys()], gradients: [], assigned: [] })
    return [stacked(all)]
  }

  // Two phases

  #exchanging(batch: StepBatch, facts: string, key: string, progress: Progress): StepResult {
    const found: tf.Tensor1D[] = []
    const names: string[] = []
    const take = () => {
      for (const phase of this.#phases) {
        this.#key = `${key} ${phase.update.name}`
        const [terms, ...given] = tf.tidy(() => phase.gradients.run(batch.tensors, facts)) as [tf.Tensor1D, ...tf.Tensor[]]
        found.push(terms)
        const named = this.#named.get(this.#key)!
        const twice = named.terms.find((name) => names.includes(name))
        if (twice !== undefined) throw termTwice(twice)
        names.push(...named.terms)
        const gradients = new Map(named.gradients.map((name, i) => [name, given[i]!]))
        try {
          const { gradients: changed, isHeld } = exchangeGradients(this.hooks, phase.update.name, gradients, progress)
          this.#isHeld = isHeld
          const inputs = [...named.gradients.map((name) => changed.get(name)!), ...given.slice(named.gradients.length)]
          try {
            tf.tidy(() => phase.apply.run(inputs, `${this.#key} ${this.#isHeld ? 'held' : ''}`))
          } finally {
            tf.dispose([...changed.values()])
          }
        } finally {
          tf.dispose(given)
        }
      }
      return tf.concat(found)
    }
    try {
      // With one update nothing has changed before the last thing that can fail.
      const terms = this.#phases.length === 1 ? take() : VariableSnapshot.allOrNothing(take)
      return { termNames: names, terms }
    } finally {
      tf.dispose(found)
    }
  }

  #gradientsOf(update: PlannedUpdate): tf.Tensor[] {
    const before = VariableSnapshot.take()
    const assigned = new Map<tf.Variable, tf.Tensor>()
    try {
      const view = this.#batch.inStep(this.dataset.normalization)
      const { terms, gradients } = this.#backward(update, view)
      for (const [variable, value] of before.changes()) {
        assigned.set(variable, tf.clone(value))
        value.dispose()
      }
      const names = { terms: [...terms.keys()], gradients: [...gradients.keys()], assigned: [...assigned.keys()] }
      this.#named.set(this.#key, names)
      return [stacked(terms), ...gradients.values(), ...assigned.values()]
    } finally {
      before.restore()
      before.dispose()
    }
  }

  #apply(update: PlannedUpdate, given: readonly tf.Tensor[]): tf.Tensor[] {
    const { gradients, assigned } = this.#named.get(this.#key)!
    assigned.forEach((variable, i) => variable.assign(given[gradients.length + i]!))
    if (!this.#isHeld) this.#change(update, new Map(gradients.map((name, i) => [name, given[i]!])))
    return []
  }

  // Both

  #change({ groups }: PlannedUpdate, gradients: ReadonlyMap<string, tf.Tensor>): void {
    for (const { parameters, optimizer } of groups) optimizer.apply(parameters, gradients)
  }

  #backward(update: PlannedUpdate, view: StepView): Backward {
    const kept = new Map<string, tf.Scalar>()
    const forward = (): tf.Scalar => {
      const terms = lossTerms(update, view, this)
      for (const [name, term] of terms) kept.set(name, tf.keep(tf.clone(term)))
      return terms.size === 1 ? [...terms.values()][0]! : tf.addN([...terms.values()])
    }
    const trainable = update.groups.flatMap(({ parameters }) => [...parameters]).filter(([, variable]) => variable.trainable)
    if (trainable.length === 0) {
      // Frozen as a whole, while another update trains: one side of two that take turns.
      if ([...this.plan.parameters.values()].some((variable) => variable.trainable)) return { terms: lossTerms(update, view, this), gradients: new Map() }
      throw nothingToTrain(update)
    }
    try {
      const grads = variableGrads(forward, trainable.map(([, variable]) => variable), () => unconnected(update, kept))
      const gradients = new Map<string, tf.Tensor>()
      for (const [name, variable] of trainable) {
        const gradient = grads[variable.name]
        if (gradient) gradients.set(name, gradient)
      }
      const changed = this.hooks.gradients.call({ update: update.name, gradients })
      expectGradientsOf(gradients, changed.gradients, tappedBy(this.hooks.gradients.taps))
      // Copies that belong to the surrounding tidy; the kept ones go.
      const terms = new Map([...kept].map(([name, term]) => [name, tf.clone(term)]))
      return { terms, gradients: changed.gradients }
    } finally {
      tf.dispose([...kept.values()])
    }
  }
}

const shapesOf = (tensors: readonly tf.Tensor[]): string => tensors.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`).join(' ')

/** `tf.variableGrads`, which leaves nothing behind where the function throws: what tfjs saves for the way back it frees only on that way. */
function variableGrads(forward: () => tf.Scalar, variables: tf.Variable[], unconnected: () => Error): tf.NamedTensorMap {
  let failure: { readonly error: unknown } | undefined
  const caught = (): tf.Scalar => {
    try {
      return forward()
    } catch (error) {
      failure = { error }
      return tf.scalar(0)
    }
  }
  try {
    return tf.variableGrads(caught, variables).grads
  } catch (error) {
    // Of a zero there are no gradients, says tfjs.
    if (failure) throw failure.error
    throw error instanceof Error && error.message.startsWith('Cannot find a connection') ? unconnected() : error
  }
}

const stacked = (terms: LossTermsByName): tf.Tensor1D => tf.stack([...terms.values()]) as tf.Tensor1D

/** Some of the gradients, each of the shape and type of its parameter: what has another name would be dropped in silence. */
function expectGradientsOf(own: ReadonlyMap<string, tf.Tensor>, given: ReadonlyMap<string, tf.Tensor>, plugins: string): void {
  const dead = [...given].find(([, gradient]) => !isLive(gradient))
  if (dead) throw deadGradient('hooks.gradients', ...dead).in(plugins)
  const fault = [...given].find(([name, { shape, dtype }]) => own.get(name)?.shape.join() !== shape.join() || dtype !== 'float32')
  if (fault === undefined) return
  const [name, { shape, dtype }] = fault
  const wanted = own.get(name)
  throw new PluginError({
    who: 'hooks.gradients',
    wanted: wanted ? `the gradient of ${name} as float32 [${wanted.shape.join(', ')}]` : `gradients of ${[...own.keys()].slice(0, 3).join(', ')}${own.size > 3 ? ', …' : ''}`,
    got: wanted ? `${dtype} [${shape.join(', ')}]` : `one of ${name}`,
    fix: 'Return a map with the names that came; leave a name out to leave its parameter as it is.',
    where: plugins,
  })
}

function unconnected({ name, modules }: PlannedUpdate, terms: LossTermsByName): PluginError {
  return new PluginError({
    who: `Trainer, update "${name}"`,
    wanted: `a loss that follows from the parameters of ${modules.join(', ')}`,
    got: `${[...terms.keys()].map((term) => `"${term}"`).join(', ')}, which ${terms.size === 1 ? 'does' : 'do'} not`,
    fix: 'Compute it from the embeddings, by operations that have gradients: no numbers of the host, no `tf.variable` or `tf.tensor` of values that were read, nothing rounded, compared or counted alone.',
  })
}

function nothingToTrain({ name, modules, groups }: PlannedUpdate): StateError {
  return new StateError({
    who: `Trainer, update "${name}"`,
    wanted: 'at least one parameter that may change',
    got: groups.length === 0 ? `none in ${modules.join(', ')} and its losses` : 'only frozen ones (`trainable` is false)',
    fix: 'Leave a parameter trainable, or leave the training out.',
  })
}
