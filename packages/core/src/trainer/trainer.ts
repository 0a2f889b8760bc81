import {
  expectKnownOptions,
  expectNumber,
  NonFiniteError,
  OptionError,
  PluginError,
  Random,
  StateError,
  type LabelRelations,
  type LoadedSamples,
  type Parameters,
} from '@metric-learning/contracts'
import { prefetch, relationsOf } from '@metric-learning/ops'
import type { BatchEndContext, EvalEndContext, EvalStartContext, LogEntry, Progress } from '../hooks/contexts.js'
import { HookSet } from '../hooks/hook-set.js'
import type { TrainerHooks } from '../hooks/trainer-hooks.js'
import type { Plugin } from '../plugins/plugin.js'
import { announceTrainer } from './announce-trainer.js'
import { objectivePlugin } from './objective-plugin.js'
import { parameterGroups, type ParameterGroup } from './parameter-groups.js'
import type { TrainOptions, TrainerOptions } from './trainer-options.js'
import { TrainingStep, type StepResult } from './training-step.js'

interface LoadedBatch {
  readonly rows: Int32Array
  readonly samples: LoadedSamples
}

/**
 * Trains a trunk and an embedder on batches that a sampler draws, and lets plugins have their say
 * at every moment of the run through {@link TrainerHooks}.
 *
 * Everything beyond the loop itself is a plugin: testers, loggers, checkpoints, schedules.
 *
 * @throws {OptionError} when an option is unknown or missing.
 * @throws {LabelError} when the data set has classes that a loss does not know.
 * @throws {PluginError} when two plugins share a name, or one breaks the contract of a hook.
 */
export class Trainer {
  readonly #hooks = new HookSet()
  readonly #samplerRandom: Random
  readonly #groups: readonly ParameterGroup[]
  readonly #step: TrainingStep
  #epoch = 0
  #stepCount = 0
  #isSetUp = false
  #isTraining = false
  #stopReason: string | undefined

  /** Where plugins tap. */
  readonly hooks: TrainerHooks = this.#hooks.taps()
  /** The seeded randomness of this run. */
  readonly random: Random

  constructor(readonly options: TrainerOptions) {
    checkOptions(options)
    for (const { loss } of options.objectives) loss.checkLabels?.(options.dataset.labels)
    this.random = new Random(options.seed ?? 0)
    this.#samplerRandom = this.random.fork()
    this.#groups = parameterGroups(options)
    const { trunk, embedder, dataset, compile = true, precision = 'float32' } = options
    this.#step = new TrainingStep(trunk, embedder, dataset, this.#groups, this.#hooks, { compile, precision })
    this.#apply([
      ...options.objectives.map((objective) => objectivePlugin(objective, this.#hooks)),
      ...(options.plugins ?? []).filter((plugin): plugin is Plugin => Boolean(plugin)),
    ])
  }

  /** Epochs begun so far; 0 before the first. */
  get epoch(): number {
    return this.#epoch
  }

  /** Updates so far. */
  get step(): number {
    return this.#stepCount
  }

  /** Why {@link stop} was called, if it was. */
  get stopReason(): string | undefined {
    return this.#stopReason
  }

  /** All that gradients change, by qualified names such as `trunk.blocks.0.conv.weight`. */
  get parameters(): Parameters {
    return new Map(this.#groups.flatMap(({ parameters }) => [...parameters]))
  }

  /**
   * Trains until `epochs` epochs are done in all. Called again with more, it goes on where it was.
   *
   * @throws {StateError} when it is called while it runs.
   */
  async train({ epochs }: TrainOptions): Promise<void> {
    expectNumber('Trainer.train', 'epochs', epochs, { min: 0, integer: true })
    this.#begin()
    try {
      if (!this.#isSetUp) await this.#setUp()
      while (this.#epoch < epochs && this.#stopReason === undefined) await this.#runEpoch(epochs)
      await this.#hooks.done.promise({ ...this.#progress(), stopReason: this.#stopReason })
    } catch (error) {
      await this.#hooks.failed.promise({ ...this.#progress(), error })
      throw error
    } finally {
      this.#isTraining = false
    }
  }

  /** Ends the run after the step that is under way; `reason` is reported to `done` and in the progress. */
  stop(reason: string): void {
    this.#stopReason ??= reason
  }

  /** Hands an entry to every logger. */
  log(entry: LogEntry): void {
    this.#hooks.log.call(entry)
  }

  /** For testers: says that an evaluation begins. */
  async announceEvaluation(context: Omit<EvalStartContext, keyof Progress>): Promise<void> {
    await this.#hooks.evalStart.promise({ ...this.#progress(), ...context })
  }

  /** For testers: publishes what an evaluation found. */
  async publishEvaluation(context: Omit<EvalEndContext, keyof Progress>): Promise<void> {
    await this.#hooks.evalEnd.promise({ ...this.#progress(), ...context })
  }

  /**
   * Has code that changed what it does inside the step take effect at the next one. A compiled step is
   * captured code: taps of `mine`, `loss` and `gradients` run while it is captured, which is at the
   * start of each epoch when plugins tap them, and after this call.
   */
  recapture(): void {
    this.#step.recapture()
  }

  /** Frees what the trainer made itself: optimizers and compiled steps. Models and losses belong to whoever made them. */
  dispose(): void {
    this.#step.dispose()
    for (const { optimizer } of this.#groups) optimizer.dispose()
  }

  #apply(plugins: readonly Plugin[]): void {
    const names = new Set<string>()
    for (const plugin of plugins) {
      if (names.has(plugin.name)) {
        throw new PluginError({
          who: 'Trainer',
          wanted: 'plugins with names of their own',
          got: `"${plugin.name}" twice`,
          fix: 'Rename one; objectives with equal losses want a `name` each.',
        })
      }
      names.add(plugin.name)
      plugin.apply(this)
    }
    announceTrainer(this)
    this.#hooks.freeze()
  }

  #begin(): void {
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
  }

  async #setUp(): Promise<void> {
    await this.#hooks.setup.promise(this.#progress())
    this.#isSetUp = true
  }

  async #runEpoch(epochs: number): Promise<void> {
    const { dataset, sampler, prefetch: depth = 2 } = this.options
    const steps = sampler.batchesPerEpoch
    this.#epoch += 1
    if (this.#hooks.areTappedInsideStep(this.options.objectives.length)) this.recapture()
    await this.#hooks.epochStart.promise({ ...this.#progress(), epochs, steps })

    const started = performance.now()
    let stepInEpoch = 0
    const load = async (rows: Int32Array): Promise<LoadedBatch> => ({ rows, samples: await dataset.load(rows) })
    let asked = performance.now()
    for await (const batch of prefetch(sampler.batches(this.#samplerRandom), load, depth)) {
      const dataWait = performance.now() - asked
      stepInEpoch += 1
      await this.#runStep(batch, { stepInEpoch, steps, dataWait })
      if (this.#stopReason !== undefined) return
      // A turn of the event loop: signals, timers and reads get their chance between steps.
      await new Promise(setImmediate)
      asked = performance.now()
    }
    const seconds = (performance.now() - started) / 1000
    const samplesPerSecond = (stepInEpoch * sampler.batchSize) / seconds
    await this.#hooks.epochEnd.promise({ ...this.#progress(), epochs, steps, seconds, samplesPerSecond })
  }

  async #runStep(
    { rows, samples }: LoadedBatch,
    position: Pick<BatchEndContext, 'stepInEpoch' | 'steps' | 'dataWait'>,
  ): Promise<void> {
    await this.#hooks.batchStart.promise({ ...this.#progress(), rows })
    const { labels } = this.options.dataset
    const relations = relationsOf(rows.map((row) => labels[row]!))
    let result: StepResult | undefined
    try {
      result = this.#update(samples, relations)
      this.#stepCount += 1
      const losses = once(() => readLosses(result!, this.#stepCount))
      const loss = async () => Object.values(await losses()).reduce((sum, term) => sum + term, 0)
      await this.#hooks.batchEnd.promise({ ...this.#progress(), rows, ...position, loss, losses })
    } finally {
      result?.terms.dispose()
      relations.dispose()
    }
  }

  #update(samples: LoadedSamples, relations: LabelRelations): StepResult {
    try {
      return this.#step.run(samples, relations)
    } catch (error) {
      throw error instanceof NonFiniteError ? error.during(`step ${this.#stepCount + 1} of epoch ${this.#epoch}`) : error
    }
  }

  #progress(): Progress {
    return { trainer: this, epoch: this.#epoch, step: this.#stepCount }
  }
}

function checkOptions(options: TrainerOptions): void {
  const required = ['trunk', 'embedder', 'dataset', 'sampler', 'objectives'] as const
  const known = [...required, 'trunkOptimizer', 'embedderOptimizer', 'seed', 'compile', 'precision', 'prefetch', 'plugins']
  expectKnownOptions('Trainer', options, known)
  const missing = required.find((name) => options[name] === undefined)
  if (missing !== undefined) {
    throw new OptionError({
      who: 'Trainer',
      wanted: `the options ${required.join(', ')}`,
      got: `no \`${missing}\``,
      fix: `Pass \`${missing}\`.`,
    })
  }
  expectNumber('Trainer', 'prefetch', options.prefetch ?? 0, { min: 0, integer: true })
}

/** Reads the terms of a step from the device, once; a loss that is no number any more ends the run with a clear error. */
async function readLosses({ termNames, terms }: StepResult, step: number): Promise<Readonly<Record<string, number>>> {
  const values = await terms.data()
  const losses = Object.fromEntries(termNames.map((name, i) => [name, values[i]!]))
  const broken = termNames.find((name) => !Number.isFinite(losses[name]))
  if (broken !== undefined) {
    throw new StateError({
      who: `Loss term "${broken}"`,
      wanted: `a finite loss at step ${step}`,
      got: String(losses[broken]),
      fix: 'Lower the learning rate, clip gradients in hooks.gradients, or check the inputs for NaN.',
    })
  }
  return losses
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= work())
}
