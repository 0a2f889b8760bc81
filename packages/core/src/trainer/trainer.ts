import { checkedLabels, expectKnownOptions, expectNumber, expectSameSamples, PluginError, StateError, type Optimizer, type Parameters } from '@metric-learning/contracts'
import { OPAQUE, type Scheduled } from '@metric-learning/ops'
import { BatchLoader } from '../batches/batch-loader.js'
import { LabelPlan } from '../batches/step-batch.js'
import type { Progress } from '../hooks/contexts.js'
import { expectLogEntry } from '../hooks/expect-log-entry.js'
import { HookSet } from '../hooks/hook-set.js'
import type { LogEntry } from '../hooks/log-entry.js'
import type { RunPosition, RunState } from '../hooks/running-trainer.js'
import type { TrainerHooks } from '../hooks/trainer-hooks.js'
import { expectTerms, expectTrained } from '../plan/expect-judgeable.js'
import { WATCHED_PARTS } from '../plan/run-options.js'
import { TrainingPlan } from '../plan/training-plan.js'
import type { AveragedWeight, AveragesOptions, Plugin, TappableTrainer } from '../plugin.js'
import { configurationOf, rootsOfRun } from '../run/configuration.js'
import { Evaluations } from '../run/evaluations.js'
import { expectNotDiverged } from '../run/expect-not-diverged.js'
import { RunLog } from '../run/run-log.js'
import { RunParts } from '../run/run-parts.js'
import { RunProgress } from '../run/run-progress.js'
import { ratesOf, scheduledNumbers } from '../run/scheduled-numbers.js'
import { StatefulRun } from '../run/stateful-run.js'
import { ValidationLoss } from '../run/validation-loss.js'
import { WeightAverages } from '../run/weight-averages.js'
import type { EmbeddingPath, Scheme } from '../schemes/scheme.js'
import { TrainingStep } from '../step/training-step.js'
import { announceTrainer } from './announce-trainer.js'
import { applyPlugins } from './apply-plugins.js'
import { expectTrainerOptions, type TrainerOptions, type TrainOptions } from './trainer-options.js'
import { TrainingLoop, type TrainedStep } from './training-loop.js'

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
  readonly #plugins: readonly Plugin[]
  readonly #step: TrainingStep
  readonly #validation: ValidationLoss | undefined
  readonly #log = new RunLog((entry) => this.log(entry))
  readonly #evaluations: Evaluations
  /** What the run was made of. */
  readonly #made: RunParts
  readonly #run = new RunProgress()
  readonly #stateful: StatefulRun
  readonly #loop: TrainingLoop
  #stage: 'new' | 'set up' = 'new'
  #isTraining = false
  #isDisposed = false
  /** Where a plugin keeps some. */
  #averages: WeightAverages | undefined

  /** Where plugins tap. */
  readonly hooks: TrainerHooks = this.#hooks.taps()

  constructor(readonly options: TrainerOptions) {
    expectTrainerOptions(options)
    const { dataset, sampler, compile = true, precision = 'float32', unlogged = [] } = options
    const checked = checkedLabels('Trainer', dataset)
    expectSameSamples(sampler, dataset)
    this.#plan = new TrainingPlan(options)
    try {
      const labels = new LabelPlan(checked, this.#plan.objectives)
      const loader = new BatchLoader(options, this.#plan.scheme, checked.sampleCount)
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
      this.#made = new RunParts(rootsOfRun(this.#plan, options))
      const run = { plan: this.#plan, averages: this.#averages, log: this.#log, progress: this.#run }
      this.#evaluations = new Evaluations({ ...run, hooks: this.#hooks, validation: this.#validation, progress: () => this.#progress() })
      this.#stateful = new StatefulRun({ ...run, options, plugins: this.#plugins, evaluations: this.#evaluations, made: this.#made, scheduled: () => this.scheduled }, checked)
      this.#loop = new TrainingLoop({ ...run, trainer: this, hooks: this.#hooks, labels, loader, step: this.#step, validation: this.#validation, evaluations: this.#evaluations })
    } catch (error) {
      this.#averages?.dispose()
      this.#plan.dispose()
      throw error
    }
  }

  /** Epochs that have ended, and batches that are done in the one under way. */
  get position(): RunPosition {
    return this.#run.position
  }

  /** The epoch under way, or the one that has just ended, from 1; 0 before the first. */
  get epoch(): number {
    return this.#run.epoch
  }

  /** Steps so far. */
  get step(): number {
    return this.#run.step
  }

  /** Why {@link stop} was called, if it was. */
  get stopReason(): string | undefined {
    return this.#run.stopReason
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
   * @throws {StateError} when it is called while it runs, or another trainer that is not disposed has trained the same modules or losses.
   */
  async train(options: TrainOptions): Promise<void> {
    const steps = this.steps(options)
    while (!(await steps.next()).done);
  }

  /**
   * The same as a loop: `for await (const step of trainer.steps({ epochs: 5 }))`. Each step is done when it comes. Leaving the
   * loop ends the run as {@link stop} does.
   *
   * @throws {StateError} as {@link train} does.
   */
  async *steps(options: TrainOptions): AsyncGenerator<TrainedStep, void, undefined> {
    expectKnownOptions('Trainer.train', options, ['epochs'])
    const { epochs } = options
    expectNumber('Trainer.train', 'epochs', epochs, { min: 0, integer: true })
    this.#begin()
    let hasEnded = false
    try {
      await this.#setUp(epochs)
      while (this.#run.position.epoch < epochs && this.#run.stopReason === undefined) yield* this.#loop.epoch(epochs)
      hasEnded = true
      await this.#end()
    } catch (error) {
      hasEnded = true
      await this.#hooks.fail({ ...this.#progress(), error, failedStep: this.#loop.takeFailedStep() })
      throw error
    } finally {
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
    this.#run.stopReason ??= reason
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

  /** All that the run is, once plugins have prepared for it in `hooks.save`. Its tensors are the run's own: read or copy them before the next step. */
  async state(): Promise<RunState> {
    expectNotDiverged(this.parameters, this.#run.when())
    await this.#hooks.save.promise(this.#progress())
    return this.#stateful.state()
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
        got: `a call in epoch ${this.epoch}`,
        fix: 'Stop the run first, or restore in hooks.setup.',
      })
    }
    this.#stateful.restore(state)
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

  /**
   * Frees what the trainer made itself: compiled steps and its own optimizers. All that was given belongs to whoever made it, and may be given
   * to another trainer. To be called when no run is under way: one that is fails at its next step.
   */
  dispose(): void {
    this.#isDisposed = true
    this.#loop.dispose()
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
      this.#run.epochDone()
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
    this.#plan.expectFree()
    this.#isTraining = true
    this.#run.stopReason = undefined
    this.#averages?.hide()
  }

  async #setUp(epochs: number): Promise<void> {
    if (this.#stage === 'new') {
      await this.#hooks.setup.promise(this.#progress())
      this.#stage = 'set up'
      // Weights may have been loaded since the trainer was made.
      if (this.step === 0) this.#averages?.copy()
    }
    if (this.step > 0) return
    if (this.#evaluations.evaluated < 0 && this.#hooks.log.taps.length > 0) this.#log.configuration(configurationOf(this.#made, this.options))
    await this.#evaluations.afterEpoch(epochs)
  }

  async #end(): Promise<void> {
    expectNotDiverged(this.parameters, this.#run.when())
    if (!this.#isDisposed) this.#averages?.show()
    await this.#hooks.end({ ...this.#progress(), stopReason: this.stopReason })
  }

  #progress(): Progress {
    return { trainer: this, epoch: this.epoch, step: this.step }
  }
}
