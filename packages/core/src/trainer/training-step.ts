import * as tf from '@tensorflow/tfjs-core'
import type { Dataset } from '@metric-learning/contracts'
import { assignByName, VariableSnapshot, type CompilableStep, type CompilableStepOptions } from '@metric-learning/ops'
import type { Progress } from '../hooks/contexts.js'
import type { HookSet } from '../hooks/hook-set.js'
import { backward, gradientsByName, hookedGradients, trainableOf, unconnected } from './backward-pass.js'
import { ChunkedBatch } from './chunked-batch.js'
import { exchangeGradients } from './exchange.js'
import { joinedTerms, lossTerms, type LossTermsByName } from './loss-terms.js'
import { NamedStep, type NamedResults } from './named-step.js'
import type { StepBatch, StepView } from './step-batch.js'
import type { PlannedUpdate, TrainingPlan } from './training-plan.js'
import { TwoPassGradients, type FirstPhase } from './two-pass-gradients.js'

/** The weighted loss terms of a step by name, float32 [] each, still on the device; the caller disposes them. */
export type StepResult = Readonly<Record<string, tf.Scalar>>

/** What the second phase takes. */
interface SecondPhase extends Pick<NamedResults<FirstPhase>, 'gradients' | 'assigned'> {
  /** Whether parameters stay as they are. */
  readonly isHeld: boolean
}

/** What a step takes: the updates of the epoch, and what they are about. */
interface WholeStep {
  readonly batch: StepBatch
  readonly updates: readonly PlannedUpdate[]
}

/** The two phases of an update; the first of a batch as a whole, or of one in chunks. */
interface Phases {
  readonly update: PlannedUpdate
  readonly gradients: NamedStep<StepBatch, FirstPhase>
  readonly twoPass: TwoPassGradients
  readonly apply: NamedStep<SecondPhase, never>
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
  readonly #whole: NamedStep<WholeStep, 'terms'>
  readonly #phases: readonly Phases[]

  constructor(
    private readonly plan: TrainingPlan,
    private readonly dataset: Dataset,
    private readonly hooks: HookSet,
    options: CompilableStepOptions,
  ) {
    this.#whole = new NamedStep('training step', (given) => this.#takeAll(given), options)
    this.#phases = plan.updates.map((update) => ({
      update,
      gradients: new NamedStep(`gradients of ${update.name}`, (batch) => this.#gradientsOf(update, batch), options),
      twoPass: new TwoPassGradients(update, plan, dataset.normalization, hooks, options),
      apply: new NamedStep(`update of ${update.name}`, (given) => this.#apply(update, given), options),
    }))
  }

  run(batch: StepBatch | ChunkedBatch, progress: Progress): StepResult {
    const updates = this.plan.updatesIn(progress.epoch)
    const facts = this.#whatShapes(batch)
    if (batch instanceof ChunkedBatch || this.hooks.exchange.taps.length > 0) return this.#exchanging(updates, batch, facts, progress)
    const names = updates.map(({ name }) => name).join()
    return tf.tidy(() => this.#whole.run({ batch, updates }, batch.tensors, `${facts} ${names}`).terms as StepResult)
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
    const ofPhases = this.#phases.flatMap(({ gradients, twoPass, apply }) => [gradients.compilable, ...twoPass.steps, apply.compilable])
    return [this.#whole.compilable, ...ofPhases]
  }

  /** All that shapes the step besides the shapes of its inputs. */
  #whatShapes(batch: StepBatch | ChunkedBatch): string {
    const frozen = [...this.plan.parameters].flatMap(([name, { trainable }]) => (trainable ? [] : name))
    return `${batch.facts} ${frozen.join()}`
  }

  // One graph

  #takeAll({ batch, updates }: WholeStep): NamedResults<'terms'> {
    const view = batch.inStep(this.dataset.normalization)
    const terms = updates.map((update) => {
      const { terms: found, gradients } = this.#backward(update, view)
      this.#change(update, gradients)
      return found
    })
    return { terms: Object.fromEntries(joinedTerms(terms)) }
  }

  // Two phases

  #exchanging(updates: readonly PlannedUpdate[], batch: StepBatch | ChunkedBatch, facts: string, progress: Progress): StepResult {
    const found: LossTermsByName[] = []
    const take = () => {
      for (const phase of this.#phases) if (updates.includes(phase.update)) found.push(this.#takePhases(phase, batch, facts, progress))
      return joinedTerms(found)
    }
    try {
      // With one update nothing has changed before the last thing that can fail.
      return Object.fromEntries(updates.length === 1 ? take() : VariableSnapshot.allOrNothing(take))
    } catch (error) {
      tf.dispose(found.flatMap((terms) => [...terms.values()]))
      throw error
    }
  }

  #takePhases({ update, gradients, twoPass, apply }: Phases, batch: StepBatch | ChunkedBatch, facts: string, progress: Progress): LossTermsByName {
    const first = tf.tidy(() => (batch instanceof ChunkedBatch ? twoPass.run(batch, facts) : gradients.run(batch, batch.tensors, facts)))
    try {
      const own = new Map(Object.entries(first.gradients))
      const { gradients: exchanged, isHeld } = exchangeGradients(this.hooks, update.name, own, progress)
      try {
        const second = { gradients: Object.fromEntries([...own.keys()].map((name) => [name, exchanged.get(name)!])), assigned: first.assigned, isHeld }
        const names = [...Object.keys(second.gradients), ...Object.keys(second.assigned)].join()
        tf.tidy(() => apply.run(second, [...Object.values(second.gradients), ...Object.values(second.assigned)], `${names} ${isHeld ? 'held' : ''}`))
      } finally {
        tf.dispose([...exchanged.values()])
      }
      return new Map(Object.entries(first.terms)) as LossTermsByName
    } catch (error) {
      tf.dispose(first.terms)
      throw error
    } finally {
      tf.dispose([first.gradients, first.assigned])
    }
  }

  #gradientsOf(update: PlannedUpdate, batch: StepBatch): NamedResults<FirstPhase> {
    const before = VariableSnapshot.take()
    try {
      const { terms, gradients } = this.#backward(update, batch.inStep(this.dataset.normalization))
      return { terms: Object.fromEntries(terms), gradients: Object.fromEntries(gradients), assigned: before.changes() }
    } finally {
      before.restore()
      before.dispose()
    }
  }

  #apply(update: PlannedUpdate, { gradients, assigned, isHeld }: SecondPhase): NamedResults<never> {
    assignByName(assigned)
    if (!isHeld) this.#change(update, new Map(Object.entries(gradients)))
    return {}
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
