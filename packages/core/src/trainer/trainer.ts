import * as tf from '@tensorflow/tfjs-core'
import {
  checkedLabels,
  expectKnownOptions,
  expectNumber,
  expectSameSamples,
  isMetricLearningError,
  labelChecksum,
  PluginError,
  StateError,
  type NonFiniteError,
  type Optimizer,
  type Parameters,
  type Plain,
} from '@metric-learning/contracts'
import { expectFinite, OPAQUE, turnOfEventLoop, type Scheduled } from '@metric-learning/ops'
import type { BatchEndContext, EpochEndContext, Progress } from '../hooks/contexts.js'
import { expectLogEntry } from '../hooks/expect-log-entry.js'
import type { LogEntry } from '../hooks/log-entry.js'
import { HookSet } from '../hooks/hook-set.js'
import type { TrainerHooks } from '../hooks/trainer-hooks.js'
import type { Plugin, TappableTrainer } from '../plugin.js'
import type { EmbeddingPath, Scheme } from '../schemes/scheme.js'
import { announceTrainer } from './announce-trainer.js'
import { applyPlugins } from './apply-plugins.js'
import { BatchLoader, type LoadedBatch } from './batch-loader.js'
import { uploadedBatch } from './chunked-batch.js'
import { configurationOf, rootsOfRun } from './configuration.js'
import { Evaluations } from './evaluations.js'
import { expectTrained } from './expect-judgeable.js'
import { expectSameDraws } from './expect-same-draws.js'
import { FailedStep } from './failed-step.js'
import { RunLog } from './run-log.js'
import { RunParts, some } from './run-parts.js'
import { hasAverages, restoreSections, sectionsOf } from './run-sections.js'
import { trainerMemory, type RunPosition, type RunState, type TrainerMemory } from './run-state.js'
import { expectTerms } from './loss-terms.js'
import { ratesOf, scheduledNumbers } from './scheduled-numbers.js'
import { LabelPlan } from './step-batch.js'
import { stepLosses } from './step-losses.js'
import { WATCHED_PARTS } from './step-watch.js'
import { expectTrainerOptions, type TrainerOptions, type TrainOptions } from './trainer-options.js'
import { TrainingPlan } from './training-plan.js'
import { TrainingStep, type StepResult } from './training-step.js'
import { ValidationLoss } from './validation-loss.js'
import { WeightAverages, type AveragedWeight, type AveragesOptions } from './weight-averages.js'

/** A step that is done; its loss can be read until the next one begins. */
export type TrainedStep = Omit<BatchEndContext, 'trainer'>

/**
 * Trains the modules of a scheme on batches that a sampler draws, and lets plugins have their say at every moment of the run
 * through {@link TrainerHooks}. Everything beyond the loop itself is a plugin: testers, loggers, checkpoints, schedules.
 *
 * All that changes during a run is in its {@link state}; a run that is restored goes on as if it had never been interrupted.
 *
 * @throws {OptionError} when an option is unknown, missing, or does not go with another.
 * @throws {LabelError} when labels are no integers of 32 bits, not one a sample, or unknown to a loss, or the sampler was made for
 * another set.
 * @throws {PluginError} when two plugins share a name, or one breaks the contract of a hook.
 */
export class Trainer implements TappableTrainer {
  /** Guards of compiled steps do not look inside. */
  readonly [OPAQUE] = true
  readonly #hooks = new HookSet()
  readonly #plan: TrainingPlan
  readonly #labels: LabelPlan
  readonly #loader: BatchLoader
  readonly #plugins: readonly Plugin[]
  readonly #step: TrainingStep
  readonly #validation: ValidationLoss | undefined
  readonly #evaluations: Evaluations
  readonly #log = new RunLog((entry) => this.log(entry))
  readonly #seed: number
  readonly #labelChecksum: number
  readonly #classChecksum: number
  /** What the run was made of. */
  readonly #made: RunParts
  #position: RunPosition = { epoch: 0, batch: 0 }
  #stepCount = 0
  /** The epoch that contexts name. */
  #epoch = 0
  #stage: 'new' | 'set up' = 'new'
  #isTraining = false
  #isDisposed = false
  #stopReason: string | undefined
  /** Until plugins have heard of it. */
  #failedStep: FailedStep | undefined
  /** Where a plugin keeps some. */
  #averages: WeightAverages | undefined

  /** Where plugins tap. */
  readonly hooks: TrainerHooks = this.#hooks.taps()

  constructor(readonly options: TrainerOptions) {
    expectTrainerOptions(options)
    const { dataset, sampler, seed = 0, compile = true, precision = 'float32', unlogged = [] } = options
    this.#seed = seed
    const labels = checkedLabels('Trainer', dataset)
    this.#labelChecksum = labelChecksum(labels.labels)
    this.#classChecksum = labelChecksum(Int32Array.from(Array.from(JSON.stringify(dataset.classNames ?? []), (character) => character.codePointAt(0)!)))
    expectSameSamples(sampler, dataset)
    this.#plan = new TrainingPlan(options)
    try {
      this.#labels = new LabelPlan(labels, this.#plan.objectives)
      this.#loader = new BatchLoader(options, this.#plan.scheme, labels.sampleCount)
      this.#plugins = (options.plugins ?? []).filter((plugin): plugin is Plugin => Boolean(plugin))
      this.#apply()
      if (this.#hooks.loss.taps.length === 0) {
        expectTerms(this.#plan)
        for (const update of this.#plan.updates) expectTrained(this.#plan.scheme, update)
      }
      const watchedParts = WATCHED_PARTS.filter((part) => !unlogged.includes(part))
      const guarded = this.#guarded()
      this.#step = new TrainingStep(this.#plan, dataset, this.#hooks, { compile, precision, guarded, watchedParts })
      if (!unlogged.includes('validationLoss')) this.#validation = new ValidationLoss(this.#plan, options, this.#hooks, { compile: compile !== false, guarded, watchedParts })
      this.#evaluations = new Evaluations({ hooks: this.#hooks, log: this.#log, validation: this.#validation, averages: this.#averages, progress: () => this.#progress() })
      this.#made = new RunParts(rootsOfRun(this.#plan, options))
    } catch (error) {
      this.#averages?.dispose()
      this.#plan.dispose()
      throw error
    }
  }

  /** Epochs that have ended, and batches that are done in the one under way. */
  get position(): RunPosition {
    return this.#position
  }

  /** The epoch under way, or the one that has just ended, from 1; 0 before the first. */
  get epoch(): number {
    return this.#epoch
  }

  /** Steps so far. */
  get step(): number {
    return this.#stepCount
  }

  /** Why {@link stop} was called, if it was. */
  get stopReason(): string | undefined {
    return this.#stopReason
  }

  /** What a step computes. */
  get scheme(): Scheme {
    return this.#plan.scheme
  }

  /** What evaluations embed with. */
  get embedding(): EmbeddingPath {
    return this.#plan.embedding
  }

  /** All that gradients change, by qualified names such as `trunk.blocks.0.conv.weight`. */
  get parameters(): Parameters {
    return this.#plan.parameters
  }

  /** By the names of modules (`trunk`, `embedder`, …), and `losses.<objective>` for those of losses with parameters. */
  get optimizers(): ReadonlyMap<string, Optimizer> {
    return new Map([...this.#plan.groups].map(([name, { optimizer }]) => [name, optimizer]))
  }

  /**
   * The scheduled numbers that modules, objectives, the scheme, optimizers, sampler, data set and plugins have in public fields, by
   * where they are: `objectives.triplet.loss.margin`. Learning rates are those of {@link optimizers}.
   */
  get scheduled(): ReadonlyMap<string, Scheduled> {
    const { sampler, dataset } = this.options
    const plugins = Object.fromEntries(this.#plugins.map((plugin) => [plugin.name, plugin]))
    return scheduledNumbers([this.#computing(), { optimizers: Object.fromEntries(this.optimizers) }, { sampler }, { dataset }, { plugins }], ratesOf(this.optimizers))
  }

  /**
   * Trains until `epochs` epochs have ended in all. Called again, it goes on where it was, within an epoch too.
   *
   * @throws {StateError} when it is called while it runs.
   */
  async train(options: TrainOptions): Promise<void> {
    const steps = this.steps(options)
    while (!(await steps.next()).done);
  }

  /**
   * The same as a loop: `for await (const step of trainer.steps({ epochs: 5 }))`. Each step is done when it comes. Leaving the
   * loop ends the run as {@link stop} does.
   *
   * @throws {StateError} when it is called while it runs.
   */
  async *steps(options: TrainOptions): AsyncGenerator<TrainedStep, void, undefined> {
    expectKnownOptions('Trainer.train', options, ['epochs'])
    const { epochs } = options
    expectNumber('Trainer.train', 'epochs', epochs, { min: 0, integer: true })
    this.#begin()
    let hasEnded = false
    try {
      await this.#setUp(epochs)
      while (this.#position.epoch < epochs && this.#stopReason === undefined) yield* this.#runEpoch(epochs)
      hasEnded = true
      await this.#end()
    } catch (error) {
      hasEnded = true
      await this.#hooks.fail({ ...this.#progress(), error, failedStep: this.#failedStep })
      throw error
    } finally {
      this.#failedStep = undefined
      try {
        if (!hasEnded) {
          this.stop('the loop over its steps was left')
          await this.#end()
        }
      } finally {
        this.#isTraining = false
      }
    }
  }

  /** Ends the run after the step that is under way; `reason` is reported to `done` and in the progress. */
  stop(reason: string): void {
    this.#stopReason ??= reason
  }

  /**
   * Hands an entry to every logger.
   *
   * @throws {OptionError} when it is none: of no known kind, without a tag, a step or what its kind wants.
   */
  log(entry: LogEntry): void {
    expectLogEntry(entry)
    this.#hooks.log.call(entry)
  }

  /** For plugins: see {@link TappableTrainer.keepAverages}. */
  keepAverages(options: AveragesOptions = {}): readonly AveragedWeight[] {
    if (this.#averages || this.#hooks.isFrozen) {
      throw new PluginError({
        who: 'Trainer.keepAverages',
        wanted: 'to be called from `apply`, by one plugin',
        got: this.#averages ? 'a second call' : 'a call after that',
        fix: this.#averages ? 'Average weights in one way: evaluations can see one of them.' : 'Call it in `apply(trainer)`, and keep what it gives.',
      })
    }
    const modules = new Set(this.#plan.updates.flatMap((update) => update.modules))
    this.#averages = new WeightAverages(new Map([...modules].map((name) => [name, this.scheme.modules[name]!])), options)
    return this.#averages.weights
  }

  /** All that the run is, once plugins have prepared for it in `hooks.save`. Its tensors are to be read before the next step. */
  async state(): Promise<RunState> {
    this.#expectFiniteParameters()
    await this.#hooks.save.promise(this.#progress())
    this.#averages?.settle()
    const sections = Object.fromEntries([...this.#sections()].map(([name, section]) => [name, section.state()]))
    return { trainer: { values: { ...this.#memory() } }, ...sections }
  }

  /**
   * Makes this run the one whose state that is; plugins hear of it in `hooks.restored`. Before `train`, in `hooks.setup`, or between
   * two calls of `train`.
   *
   * Parts of another name, such as another loss or miner, another objective or sampler, make another run. Options that differ are a
   * warning that names them; so are plugins that came or went.
   *
   * @throws {StateError} when the state is of a run with other parts, another seed, other labels or other batches, or a run is under
   * way. No parameter, slot or buffer has changed then.
   */
  async restore(state: RunState): Promise<void> {
    if (this.#isTraining && this.#stage !== 'new') {
      throw new StateError({
        who: 'Trainer.restore',
        wanted: 'to be called before training, in hooks.setup, or between two calls of `train`',
        got: `a call in epoch ${this.#epoch}`,
        fix: 'Stop the run first, or restore in hooks.setup.',
      })
    }
    const memory = trainerMemory(state)
    expectSameDraws(this.#memory(), memory)
    const changes = memory.made ? this.#made.changesSince(memory.made) : []
    const sections = this.#sections()
    restoreSections(sections, state)
    if (!hasAverages(state)) this.#averages?.copy()
    if (changes.length > 0) globalThis.process?.emitWarning(`The run that is restored had other options: ${some(changes)}.`)
    const { epoch, batch, step, frozen, evaluated, owners } = memory
    for (const [name, variable] of this.parameters) variable.trainable = !frozen.includes(name)
    this.#log.restoreOwners(owners)
    this.#evaluations.evaluated = evaluated
    this.#position = { epoch, batch }
    this.#epoch = batch > 0 ? epoch + 1 : epoch
    this.#stepCount = step
    await this.#hooks.restored.promise(this.#progress())
  }

  /**
   * Has code that changed what it does inside the step take effect at the next one. Without this, a compiled step notices fields
   * that changed at once, and closures and private fields later: see docs/compiled-steps.md.
   */
  recapture(): void {
    this.#step.recapture()
    this.#validation?.clear()
  }

  /** Frees what the trainer made itself: compiled steps and its own optimizers. All that was given belongs to whoever made it. */
  dispose(): void {
    this.#isDisposed = true
    this.#step.dispose()
    this.#validation?.dispose()
    this.#averages?.dispose()
    this.#plan.dispose()
  }

  #apply(): void {
    applyPlugins(this.#plugins, this, this.#hooks)
    announceTrainer(this)
    // Between the taps of plugins and those that save the run.
    this.#hooks.epochEnd.tap({ name: 'trainer', stage: 15 }, () => {
      this.#position = { epoch: this.#epoch, batch: 0 }
    })
    this.#hooks.freeze()
  }

  /** What the step computes with, by names for messages. */
  #computing(): Readonly<Record<string, object>> {
    const { scheme, objectives } = this.#plan
    return { modules: scheme.modules, objectives: Object.fromEntries(objectives), scheme }
  }

  /** The same with the plugins that run inside the step. */
  #guarded(): Readonly<Record<string, object>> {
    const inside = this.#hooks.pluginsInsideStep
    const plugins = Object.fromEntries(this.#plugins.filter(({ name }) => inside.has(name)).map((plugin) => [plugin.name, plugin]))
    return { ...this.#computing(), optimizers: Object.fromEntries(this.optimizers), plugins }
  }

  #sections() {
    const { dataset, sampler } = this.options
    return sectionsOf(this.#plan, this.#averages, this.scheduled, this.#plugins, { dataset, sampler })
  }

  /** What the trainer itself remembers. */
  #memory(): TrainerMemory & Readonly<Record<string, Plain>> {
    const { batchSize, batchesPerEpoch } = this.options.sampler
    return {
      seed: this.#seed,
      ...this.#position,
      step: this.#stepCount,
      sampler: { batchSize, batchesPerEpoch, sampleCount: this.options.dataset.labels.length },
      frozen: [...this.parameters].flatMap(([name, { trainable }]) => (trainable ? [] : name)),
      evaluated: this.#evaluations.evaluated,
      owners: this.#log.owners,
      labels: this.#labelChecksum,
      classes: this.#classChecksum,
      made: { parts: this.#made.parts, options: this.#made.options },
    } satisfies TrainerMemory as never
  }

  #begin(): void {
    if (this.#isDisposed) {
      throw new StateError({ who: 'Trainer.train', wanted: 'a call before dispose()', got: 'one after it', fix: 'Make another trainer.' })
    }
    if (this.#isTraining) {
      throw new StateError({
        who: 'Trainer.train',
        wanted: 'one call at a time',
        got: 'a second one while the first runs',
        fix: 'Await the first call, or make a second trainer.',
      })
    }
    this.#isTraining = true
    this.#stopReason = undefined
    this.#averages?.hide()
  }

  async #setUp(epochs: number): Promise<void> {
    if (this.#stage === 'new') {
      await this.#hooks.setup.promise(this.#progress())
      this.#stage = 'set up'
      // Weights may have been loaded since the trainer was made.
      if (this.#stepCount === 0) this.#averages?.copy()
    }
    if (this.#stepCount > 0) return
    if (this.#evaluations.evaluated < 0 && this.#hooks.log.taps.length > 0) this.#log.configuration(configurationOf(this.#made, this.options))
    await this.#evaluations.afterEpoch(epochs)
  }

  /** Gradients are not checked in each step, which would read all of them once more; what they spoilt is neither saved nor called done. */
  #expectFiniteParameters(): void {
    try {
      for (const [name, variable] of this.parameters) expectFinite('Trainer', name, variable)
    } catch (error) {
      throw this.#saidWhen(error, this.#stepCount)
    }
  }

  /** A diverged run says where it was; so does what is wrong with a part of one's own. */
  #saidWhen(error: unknown, step: number): unknown {
    if (!isMetricLearningError(error)) return error
    const when = `step ${step} of epoch ${this.#epoch}`
    if (error.code === 'ML_NOT_FINITE') return (error as NonFiniteError).during(when)
    return error.code === 'ML_PLUGIN' && error.parts.where === undefined ? error.in(when) : error
  }

  async #end(): Promise<void> {
    this.#expectFiniteParameters()
    this.#averages?.show()
    await this.#hooks.end({ ...this.#progress(), stopReason: this.#stopReason })
  }

  async *#runEpoch(epochs: number): AsyncGenerator<TrainedStep, void, undefined> {
    const { sampler } = this.options
    const steps = sampler.batchesPerEpoch
    this.#epoch = this.#position.epoch + 1
    const done = this.#position.batch
    this.#step.verify()
    this.#validation?.verify()
    await this.#hooks.epochStart.promise({ ...this.#progress(), epochs, steps, stepInEpoch: done })

    const started = performance.now()
    this.#evaluations.startEpoch()
    this.#log.restart()
    let samples = 0
    let asked = performance.now()
    for await (const batch of this.#loader.batches(this.#epoch, done, steps)) {
      const dataWait = performance.now() - asked
      yield* this.#runStep(batch, { stepInEpoch: this.#position.batch + 1, steps, dataWait }, epochs)
      samples += batch.rows.length
      if (this.#stopReason !== undefined) return
      // A turn of the event loop: signals, timers and reads get their chance between steps.
      await turnOfEventLoop()
      asked = performance.now()
    }
    const seconds = (performance.now() - started - this.#evaluations.milliseconds) / 1000
    const context = { ...this.#progress(), epochs, steps, seconds, samplesPerSecond: samples / seconds }
    await this.#endEpoch(context)
  }

  async #endEpoch(context: EpochEndContext): Promise<void> {
    this.#expectFiniteParameters()
    await this.#plan.judges.emptySelections.read(this.#stepCount)
    this.#log.epoch(context)
    await this.#evaluations.afterEpoch(context.epochs)
    await this.#hooks.epochEnd.promise(context)
  }

  async *#runStep(
    loaded: LoadedBatch,
    position: Pick<BatchEndContext, 'stepInEpoch' | 'steps' | 'dataWait'>,
    epochs: number,
  ): AsyncGenerator<TrainedStep, void, undefined> {
    const { rows } = loaded
    await this.#hooks.batchStart.promise({ ...this.#progress(), rows: rows.slice() })
    const isLook = this.#isLook(this.#stepCount + 1, position)
    const result = this.#update(loaded, isLook)
    const { terms, watched } = result
    try {
      this.#stepCount += 1
      this.#position = { epoch: this.#position.epoch, batch: position.stepInEpoch }
      const losses = stepLosses(terms, `step ${this.#stepCount} of epoch ${this.#epoch}`)
      const loss = async () => Object.values(await losses()).reduce((sum, term) => sum + term, 0)
      const { trainer, ...progress } = this.#progress()
      const step: TrainedStep = { ...progress, rows: rows.slice(), ...position, loss, losses }
      await this.#logStep(step, isLook, watched)
      if (position.stepInEpoch < position.steps && this.#hooks.asksAfter(step.step)) await this.#evaluations.withinEpoch(epochs)
      await this.#hooks.batchEnd.promise({ trainer, ...step })
      yield step
    } catch (error) {
      if (isMetricLearningError(error) && error.code === 'ML_NOT_FINITE') this.#failedStep = this.#failing(loaded, true)
      throw error
    } finally {
      tf.dispose(result)
    }
  }

  /** Whether a step is looked at: where somebody logs. */
  #isLook(step: number, { stepInEpoch, steps }: Pick<BatchEndContext, 'stepInEpoch' | 'steps'>): boolean {
    const { logEverySteps = 20 } = this.options
    return this.#hooks.log.taps.length > 0 && (step % logEverySteps === 0 || stepInEpoch === steps)
  }

  async #logStep(context: TrainedStep, isLook: boolean, watched: tf.NamedTensorMap): Promise<void> {
    const { step, stepInEpoch, steps, rows, dataWait } = context
    this.#log.count(rows.length, dataWait)
    if (!isLook) return
    await this.#log.step(context, await this.#plan.judges.emptySelections.read(this.#stepCount), this.optimizers, this.scheduled)
    this.#log.statistics(await this.#plan.judges.statistics.read(), step)
    this.#log.samplerStatistics(this.options.sampler.statistics?.() ?? {}, step)
    await this.#log.watched(watched, step, stepInEpoch === steps)
  }

  #update(loaded: LoadedBatch, isLook: boolean): StepResult {
    const batch = uploadedBatch(loaded, this.#labels, this.options.chunkSize)
    try {
      return this.#step.run(batch, this.#progress(), isLook)
    } catch (error) {
      this.#failedStep = this.#failing(loaded, false)
      throw this.#saidWhen(error, this.#stepCount + 1)
    } finally {
      batch.dispose()
    }
  }

  #failing(loaded: LoadedBatch, hasChanged: boolean): FailedStep {
    const { dataset, chunkSize } = this.options
    return new FailedStep(loaded, { plan: this.#plan, dataset, hooks: this.#hooks, labels: this.#labels, chunkSize, epoch: this.#epoch }, hasChanged)
  }

  #progress(): Progress {
    return { trainer: this, epoch: this.#epoch, step: this.#stepCount }
  }
}
