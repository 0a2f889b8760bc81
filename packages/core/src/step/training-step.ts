import * as tf from '@tensorflow/tfjs-core'
import type { Dataset } from '@metric-learning/contracts'
import { assignByName, VariableSnapshot, type CompilableStep, type CompilableStepOptions } from '@metric-learning/ops'
import { ChunkedBatch } from '../batches/chunked-batch.js'
import type { StepBatch, StepView } from '../batches/step-batch.js'
import type { Progress } from '../hooks/contexts.js'
import type { HookSet } from '../hooks/hook-set.js'
import type { WatchedPart } from '../plan/run-options.js'
import type { PlannedUpdate, TrainingPlan } from '../plan/training-plan.js'
import { backward, expectConnected, gradientsByName, hookedGradients, trainableOf } from './backward-pass.js'
import { exchangeGradients } from './exchange.js'
import { joinedTerms, lossTerms, type LossTermsByName } from './loss-terms.js'
import { NamedStep, type NamedResults, type WatchedGroups } from './named-step.js'
import { joinedWatch, watching, type StepWatch } from './step-watch.js'
import { TwoPassGradients, type FirstPhase } from './two-pass-gradients.js'

/** What a step found, still on the device; the caller disposes it. */
export type StepResult = {
  /** Its weighted loss terms by name, float32 [] each. */
  readonly terms: Readonly<Record<string, tf.Scalar>>
  /** What was computed to be looked at, see {@link StepWatch}; nothing where nobody asked for it. */
  readonly watched: tf.NamedTensorMap
}

/** What the second phase takes. */
interface SecondPhase extends Pick<NamedResults<FirstPhase>, 'gradients' | 'assigned'> {
  /** Whether parameters stay as they are. */
  readonly isHeld: boolean
  /** Of the last update of a step: those that are carried out in it, itself among them. */
  readonly done: readonly string[] | undefined
}

export interface TrainingStepOptions extends CompilableStepOptions {
  /** What is computed of a step that is looked at. */
  readonly watchedParts: readonly WatchedPart[]
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
    { watchedParts, ...options }: TrainingStepOptions,
  ) {
    this.#whole = new NamedStep('training step', (given, isWatching) => watching(isWatching, watchedParts, (watch) => this.#takeAll(given, watch)), options)
    this.#phases = plan.updates.map((update) => ({
      update,
      gradients: new NamedStep(
        `gradients of ${update.name}`,
        (batch, isWatching) => watching(isWatching, watchedParts, (watch) => this.#gradientsOf(update, batch, watch)),
        options,
      ),
      twoPass: new TwoPassGradients(update, plan, dataset, hooks, { ...options, watchedParts }),
      apply: new NamedStep(`update of ${update.name}`, (given) => this.#apply(update, given), options),
    }))
  }

  /** @param isWatched whether it is looked at */
  run(batch: StepBatch | ChunkedBatch, progress: Progress, isWatched: boolean): StepResult {
    const updates = this.plan.updatesIn(progress.epoch)
    const facts = this.#whatShapes(batch)
    if (batch instanceof ChunkedBatch || this.hooks.exchange.taps.length > 0) return this.#exchanging({ batch, updates, facts, isWatched }, progress)
    const names = updates.map(({ name }) => name).join()
    return stepResult(tf.tidy(() => this.#whole.run({ batch, updates }, batch.tensors, `${facts} ${names}`, isWatched)))
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
    return `${batch.facts} ${frozen.join()} ${JSON.stringify(this.dataset.normalization)}`
  }

  // One graph

  #takeAll({ batch, updates }: WholeStep, watch: StepWatch | undefined): NamedResults<'terms'> {
    const view = batch.inStep(this.dataset.normalization)
    const terms = updates.map((update) => {
      const { terms: found, gradients } = this.#backward(update, view, watch)
      this.#change(update, gradients)
      return found
    })
    this.hooks.updated.call({ updates: updates.map(({ name }) => name) })
    return { terms: Object.fromEntries(joinedTerms(terms)) }
  }

  // Two phases

  #exchanging(taken: TakenBatch, progress: Progress): StepResult {
    const found: StepResult[] = []
    const done: string[] = []
    const take = () => {
      for (const phase of this.#phases) if (taken.updates.includes(phase.update)) found.push(this.#takePhases(phase, taken, progress, done))
      return joinedTerms(found.map(({ terms }) => new Map(Object.entries(terms))))
    }
    try {
      // With one update nothing has changed before the last thing that can fail.
      const terms = taken.updates.length === 1 ? take() : VariableSnapshot.allOrNothing(take)
      return { terms: Object.fromEntries(terms), watched: joinedWatch(found.map(({ watched }) => watched)) }
    } catch (error) {
      for (const { terms, watched } of found) tf.dispose([terms, watched])
      throw error
    }
  }

  /** @param done names of the updates of this step that have been carried out; this one's is added */
  #takePhases({ update, gradients, twoPass, apply }: Phases, { batch, updates, facts, isWatched }: TakenBatch, progress: Progress, done: string[]): StepResult {
    const first = tf.tidy(() => (batch instanceof ChunkedBatch ? twoPass.run(batch, facts, isWatched) : gradients.run(batch, batch.tensors, facts, isWatched)))
    try {
      const own = new Map(Object.entries(first.gradients))
      const { gradients: exchanged, isHeld } = exchangeGradients(this.hooks, update.name, own, progress)
      try {
        if (!isHeld) done.push(update.name)
        const isLast = update === updates.at(-1)
        const second = {
          gradients: Object.fromEntries([...own.keys()].map((name) => [name, exchanged.get(name)!])),
          assigned: first.assigned,
          isHeld,
          done: isLast ? done : undefined,
        }
        const names = [...Object.keys(second.gradients), ...Object.keys(second.assigned)].join()
        tf.tidy(() => apply.run(second, [...Object.values(second.gradients), ...Object.values(second.assigned)], `${names} ${isHeld ? 'held' : ''} ${second.done?.join() ?? ''}`))
      } finally {
        tf.dispose([...exchanged.values()])
      }
      return stepResult(first)
    } catch (error) {
      tf.dispose([first.terms, first.asides ?? {}])
      throw error
    } finally {
      tf.dispose([first.gradients, first.assigned])
    }
  }

  #gradientsOf(update: PlannedUpdate, batch: StepBatch, watch: StepWatch | undefined): NamedResults<FirstPhase> {
    return VariableSnapshot.puttingBack((before) => {
      const { terms, gradients } = this.#backward(update, batch.inStep(this.dataset.normalization), watch)
      return { terms: Object.fromEntries(terms), gradients: Object.fromEntries(gradients), assigned: before.changes() }
    })
  }

  #apply(update: PlannedUpdate, { gradients, assigned, isHeld, done = [] }: SecondPhase): NamedResults<never> {
    assignByName(assigned)
    if (!isHeld) this.#change(update, new Map(Object.entries(gradients)))
    if (done.length > 0) this.hooks.updated.call({ updates: done })
    return {}
  }

  // Both

  #change({ groups }: PlannedUpdate, gradients: ReadonlyMap<string, tf.Tensor>): void {
    for (const { parameters, optimizer } of groups) optimizer.apply(parameters, gradients)
  }

  #backward(
    update: PlannedUpdate,
    view: StepView,
    watch: StepWatch | undefined,
  ): { readonly terms: LossTermsByName; readonly gradients: ReadonlyMap<string, tf.Tensor> } {
    const trainable = trainableOf(update, this.plan)
    const judged = () => lossTerms(update, view, this.hooks, watch)
    if (trainable.size === 0) return { terms: judged(), gradients: new Map() }
    const { terms, gradients } = backward(judged, [...trainable.values()])
    const own = gradientsByName(trainable.keys(), gradients)
    expectConnected(update, [...trainable.keys()], new Set(own.keys()), terms.keys())
    watch?.gradients(update.groups, own)
    return { terms, gradients: hookedGradients(this.hooks, update.name, own) }
  }
}

/** A batch under way. */
interface TakenBatch {
  readonly batch: StepBatch | ChunkedBatch
  /** Those of the epoch. */
  readonly updates: readonly PlannedUpdate[]
  readonly facts: string
  readonly isWatched: boolean
}

const stepResult = ({ terms, asides = {} }: WatchedGroups<'terms'>): StepResult => ({ terms: terms as StepResult['terms'], watched: asides })
