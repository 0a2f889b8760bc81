import * as tf from '@tensorflow/tfjs-core'
import type { Dataset } from '@metric-learning/contracts'
import { CompilableStep, VariableSnapshot, type CompilableStepOptions } from '@metric-learning/ops'
import type { Progress } from '../hooks/contexts.js'
import type { HookSet } from '../hooks/hook-set.js'
import { backward, gradientsByName, hookedGradients, trainableOf, unconnected } from './backward-pass.js'
import { ChunkedBatch } from './chunked-batch.js'
import { exchangeGradients } from './exchange.js'
import { joinedTerms, lossTerms, stackedTerms, termTwice, type LossTermsByName } from './loss-terms.js'
import { shapesOf } from './named-step.js'
import type { StepBatch, StepView } from './step-batch.js'
import type { PlannedUpdate, TrainingPlan } from './training-plan.js'
import { changesSince, TwoPassGradients, type UpdateGradients } from './two-pass-gradients.js'

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

/** The two phases of an update; the first of a batch as a whole, or of one in chunks. */
interface Phases {
  readonly update: PlannedUpdate
  readonly gradients: CompilableStep
  readonly twoPass: TwoPassGradients
  readonly apply: CompilableStep
}

/**
 * From a batch to updated weights: a synchronous function of tensors under one `tf.tidy`. It reads nothing back from the
 * device; the loss stays there until somebody asks. Where the backend can, it is captured and runs as one graph.
 *
 * It has two phases: gradients, which change nothing, and the update. Where somebody taps `hooks.exchange`, or a batch comes in
 * chunks, they are graphs of their own, with that hook in between; else they are one. A step that fails changes nothing, in
 * either way.
 */
export class TrainingStep {
  readonly #whole: CompilableStep
  readonly #phases: readonly Phases[]
  /** By what shapes the step, and the shapes of its inputs: as graphs are told apart. */
  readonly #named = new Map<string, Named>()
  /** What the step under way is about. */
  #batch!: StepBatch
  #isHeld = false
  #key = ''

  constructor(
    private readonly plan: TrainingPlan,
    private readonly dataset: Dataset,
    private readonly hooks: HookSet,
    options: CompilableStepOptions,
  ) {
    this.#whole = new CompilableStep('training step', () => this.#takeAll(), options)
    this.#phases = plan.updates.map((update) => ({
      update,
      gradients: new CompilableStep(`gradients of ${update.name}`, () => this.#gradientsOf(update), options),
      twoPass: new TwoPassGradients(update, plan, dataset.normalization, hooks, options),
      apply: new CompilableStep(`update of ${update.name}`, (...given) => this.#apply(update, given), options),
    }))
  }

  run(batch: StepBatch | ChunkedBatch, progress: Progress): StepResult {
    const facts = this.#whatShapes(batch)
    const key = `${facts} ${shapesOf(batch.tensors)}`
    this.#key = key
    if (batch instanceof ChunkedBatch) return this.#exchanging(batch, facts, key, progress)
    this.#batch = batch
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
    return [this.#whole, ...this.#phases.flatMap(({ gradients, twoPass, apply }) => [gradients, ...twoPass.steps, apply])]
  }

  /** All that shapes the step besides the shapes of its inputs. */
  #whatShapes(batch: StepBatch | ChunkedBatch): string {
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
    return [stackedTerms(all)]
  }

  // Two phases

  #exchanging(batch: StepBatch | ChunkedBatch, facts: string, key: string, progress: Progress): StepResult {
    const found: tf.Tensor1D[] = []
    const names: string[] = []
    const take = () => {
      for (const phase of this.#phases) {
        this.#key = `${key} ${phase.update.name}`
        const [terms, ...given] = tf.tidy(() =>
          batch instanceof ChunkedBatch ? this.#ofFirstPhase(phase.twoPass.run(batch, facts)) : phase.gradients.run(batch.tensors, facts),
        ) as [tf.Tensor1D, ...tf.Tensor[]]
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
    try {
      const { terms, gradients } = this.#backward(update, this.#batch.inStep(this.dataset.normalization))
      return this.#ofFirstPhase({ terms, gradients, assigned: changesSince(before) })
    } finally {
      before.restore()
      before.dispose()
    }
  }

  /** The tensors that go from the first phase to the second, whose names are kept. */
  #ofFirstPhase({ terms, gradients, assigned }: UpdateGradients): tf.Tensor[] {
    this.#named.set(this.#key, { terms: [...terms.keys()], gradients: [...gradients.keys()], assigned: [...assigned.keys()] })
    return [stackedTerms(terms), ...gradients.values(), ...assigned.values()]
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

  #backward(update: PlannedUpdate, view: StepView): { readonly terms: LossTermsByName; readonly gradients: ReadonlyMap<string, tf.Tensor> } {
    const trainable = trainableOf(update, this.plan)
    const judged = () => lossTerms(update, view, this.hooks)
    if (trainable.size === 0) return { terms: judged(), gradients: new Map() }
    const { terms, gradients } = backward(judged, [...trainable.values()])
    const own = gradientsByName(trainable.keys(), gradients)
    if (own.size === 0) throw unconnected(update, [...terms.keys()])
    return { terms, gradients: hookedGradients(this.hooks, update.name, own) }
  }
}
