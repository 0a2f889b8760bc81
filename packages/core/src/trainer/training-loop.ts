import * as tf from '@tensorflow/tfjs-core'
import { isMetricLearningError, StateError } from '@metric-learning/contracts'
import { turnOfEventLoop } from '@metric-learning/ops'
import type { BatchLoader, LoadedBatch } from '../batches/batch-loader.js'
import { uploadedBatch } from '../batches/chunked-batch.js'
import type { LabelPlan } from '../batches/step-batch.js'
import type { BatchEndContext, EpochEndContext, Progress } from '../hooks/contexts.js'
import type { HookSet } from '../hooks/hook-set.js'
import type { RunningTrainer } from '../hooks/running-trainer.js'
import type { TrainingPlan } from '../plan/training-plan.js'
import type { Evaluations } from '../run/evaluations.js'
import { expectNotDiverged, saidWhen } from '../run/expect-not-diverged.js'
import type { RunLog } from '../run/run-log.js'
import type { RunProgress } from '../run/run-progress.js'
import type { ValidationLoss } from '../run/validation-loss.js'
import { FailedStep } from '../step/failed-step.js'
import { stepLosses } from '../step/step-losses.js'
import type { StepResult, TrainingStep } from '../step/training-step.js'

/** A step that is done; its loss can be read until the next one begins. */
export type TrainedStep = Omit<BatchEndContext, 'trainer'>

/** Whom a loop asks, in the order of a step. */
interface LoopParts {
  readonly trainer: RunningTrainer
  readonly plan: TrainingPlan
  readonly hooks: HookSet
  readonly labels: LabelPlan
  readonly loader: BatchLoader
  readonly step: TrainingStep
  readonly validation: ValidationLoss | undefined
  readonly evaluations: Evaluations
  readonly log: RunLog
  readonly progress: RunProgress
}

/** The epochs of a run, and the steps of an epoch. */
export class TrainingLoop {
  #failedStep: FailedStep | undefined
  #hasClaimed = false
  #isDisposed = false

  constructor(private readonly parts: LoopParts) {}

  /** The one that failed, until it is asked for. */
  takeFailedStep(): FailedStep | undefined {
    const failed = this.#failedStep
    this.#failedStep = undefined
    return failed
  }

  /** A run that is under way fails when it would go on. */
  dispose(): void {
    this.#isDisposed = true
  }

  /**
   * The next epoch, or what is left of the one under way, until the run is to stop.
   *
   * @param epochs that this call of `train` will reach
   */
  async *epoch(epochs: number): AsyncGenerator<TrainedStep, void, undefined> {
    const { trainer, hooks, loader, step, validation, evaluations, log, progress } = this.parts
    const steps = trainer.options.sampler.batchesPerEpoch
    progress.epoch = progress.position.epoch + 1
    const done = progress.position.batch
    step.verify()
    validation?.verify()
    await hooks.epochStart.promise({ ...this.#progress(), epochs, steps, stepInEpoch: done })

    const started = performance.now()
    evaluations.startEpoch()
    log.restart()
    let samples = 0
    let asked = performance.now()
    for await (const batch of loader.batches(progress.epoch, done, steps)) {
      const dataWait = performance.now() - asked
      yield* this.#step(batch, { stepInEpoch: progress.position.batch + 1, steps, dataWait }, epochs)
      samples += batch.rows.length
      if (progress.stopReason !== undefined) return
      this.#expectNotDisposed()
      // A turn of the event loop: signals, timers and reads get their chance between steps.
      await turnOfEventLoop()
      asked = performance.now()
    }
    const seconds = (performance.now() - started - evaluations.milliseconds) / 1000
    await this.#endEpoch({ ...this.#progress(), epochs, steps, seconds, samplesPerSecond: samples / seconds })
  }

  async #endEpoch(context: EpochEndContext): Promise<void> {
    const { plan, hooks, evaluations, log, progress } = this.parts
    expectNotDiverged(plan.parameters, progress.when())
    await plan.judges.emptySelections.read(progress.step)
    log.epoch(context)
    await evaluations.afterEpoch(context.epochs)
    await hooks.epochEnd.promise(context)
  }

  async *#step(
    loaded: LoadedBatch,
    position: Pick<BatchEndContext, 'stepInEpoch' | 'steps' | 'dataWait'>,
    epochs: number,
  ): AsyncGenerator<TrainedStep, void, undefined> {
    const { plan, hooks, evaluations, progress } = this.parts
    const { rows } = loaded
    await hooks.batchStart.promise({ ...this.#progress(), rows: rows.slice() })
    this.#expectNotDisposed()
    const isLook = this.#isLook(progress.step + 1, position)
    if (!this.#hasClaimed) plan.expectFree()
    const result = this.#update(loaded, isLook)
    if (!this.#hasClaimed) plan.claim()
    this.#hasClaimed = true
    const { terms, watched } = result
    try {
      progress.stepDone(position.stepInEpoch)
      const losses = stepLosses(terms, progress.when())
      const loss = async () => Object.values(await losses()).reduce((sum, term) => sum + term, 0)
      const { trainer, ...rest } = this.#progress()
      const step: TrainedStep = { ...rest, rows: rows.slice(), ...position, loss, losses }
      await this.#logStep(step, isLook, watched)
      if (position.stepInEpoch < position.steps && hooks.asksAfter(step.step)) await evaluations.withinEpoch(epochs)
      await hooks.batchEnd.promise({ trainer, ...step })
      yield step
    } catch (error) {
      if (isMetricLearningError(error) && error.code === 'ML_NOT_FINITE') this.#failedStep = this.#failing(loaded, true)
      throw error
    } finally {
      tf.dispose(result)
    }
  }

  #update(loaded: LoadedBatch, isLook: boolean): StepResult {
    const { trainer, labels, step, progress } = this.parts
    const batch = uploadedBatch(loaded, labels, trainer.options.chunkSize)
    try {
      return step.run(batch, this.#progress(), isLook)
    } catch (error) {
      this.#failedStep = this.#failing(loaded, false)
      throw saidWhen(error, progress.when(progress.step + 1))
    } finally {
      batch.dispose()
    }
  }

  #failing(loaded: LoadedBatch, hasChanged: boolean): FailedStep {
    const { trainer, plan, hooks, labels, progress } = this.parts
    const { dataset, chunkSize } = trainer.options
    return new FailedStep(loaded, { plan, dataset, hooks, labels, chunkSize, epoch: progress.epoch }, hasChanged)
  }

  /** Whether a step is looked at: where somebody logs. */
  #isLook(step: number, { stepInEpoch, steps }: Pick<BatchEndContext, 'stepInEpoch' | 'steps'>): boolean {
    const { trainer, hooks } = this.parts
    const { logEverySteps = 20 } = trainer.options
    return hooks.log.taps.length > 0 && (step % logEverySteps === 0 || stepInEpoch === steps)
  }

  async #logStep(context: TrainedStep, isLook: boolean, watched: tf.NamedTensorMap): Promise<void> {
    const { trainer, plan, log, progress } = this.parts
    const { step, stepInEpoch, steps, rows, dataWait } = context
    log.count(rows.length, dataWait)
    if (!isLook) return
    await log.step(context, await plan.judges.emptySelections.read(progress.step), trainer.optimizers, trainer.scheduled)
    log.statistics(await plan.judges.statistics.read(), step)
    log.samplerStatistics(trainer.options.sampler.statistics?.() ?? {}, step)
    await log.watched(watched, step, stepInEpoch === steps)
  }

  #expectNotDisposed(): void {
    if (!this.#isDisposed) return
    throw new StateError({
      who: 'Trainer.dispose',
      wanted: 'to be called when no run is under way',
      got: `a call before ${this.parts.progress.when(this.parts.progress.step + 1)}`,
      fix: 'Call `stop(reason)`, or leave the loop over `steps`, and await its end before.',
    })
  }

  #progress(): Progress {
    const { trainer, progress } = this.parts
    return { trainer, epoch: progress.epoch, step: progress.step }
  }
}
