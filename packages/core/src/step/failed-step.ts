import * as tf from '@tensorflow/tfjs-core'
import type { Dataset, LoadedSamples } from '@metric-learning/contracts'
import { VariableSnapshot } from '@metric-learning/ops'
import type { LoadedBatch } from '../batches/batch-loader.js'
import { ChunkedBatch, uploadedBatch } from '../batches/chunked-batch.js'
import { StepBatch, type JudgedBatch, type LabelPlan } from '../batches/step-batch.js'
import type { FailedStepContext, RetakenUpdate } from '../hooks/contexts.js'
import type { HookSet } from '../hooks/hook-set.js'
import type { PlannedUpdate, TrainingPlan } from '../plan/training-plan.js'
import type { Outputs } from '../schemes/scheme.js'
import { backward, gradientsAt, gradientsByName, hookedGradients, trainableOf } from './backward-pass.js'
import { lossTerms, outputsOf, termsOf, type LossTermsByName } from './loss-terms.js'
import { TwoPassGradients } from './two-pass-gradients.js'

/** What a step is made of. */
export interface StepParts {
  readonly plan: TrainingPlan
  readonly dataset: Dataset
  readonly hooks: HookSet
  readonly labels: LabelPlan
  readonly chunkSize: number | undefined
  /** Which it was part of. */
  readonly epoch: number
}

/** A step that failed, with its batch on the host, so that plugins may take it again piece by piece. */
export class FailedStep implements FailedStepContext {
  /** @param hasChanged whether it changed parameters all the same */
  constructor(
    private readonly loaded: LoadedBatch,
    private readonly parts: StepParts,
    readonly hasChanged: boolean,
  ) {}

  get rows(): Int32Array {
    return this.loaded.rows
  }

  get views(): readonly LoadedSamples[] {
    return this.loaded.views
  }

  retake(look: (update: RetakenUpdate) => boolean): void {
    const { plan, labels, chunkSize, epoch } = this.parts
    const batch = uploadedBatch(this.loaded, labels, chunkSize)
    const goesOn = (update: PlannedUpdate): boolean =>
      tf.tidy(() => {
        const pieces = new UpdatePieces(update, batch, this.parts)
        if (!look(pieces)) return false
        pieces.take()
        return true
      })
    try {
      VariableSnapshot.puttingBack(() => plan.updatesIn(epoch).every(goesOn))
    } finally {
      batch.dispose()
    }
  }
}

/** An update in pieces, each computed when it is asked for, and once. None of them changes a variable. */
class UpdatePieces implements RetakenUpdate {
  #outputs: Outputs | undefined
  #terms: LossTermsByName | undefined
  #gradients: ReadonlyMap<string, tf.Tensor> | undefined

  constructor(
    private readonly update: PlannedUpdate,
    private readonly batch: StepBatch | ChunkedBatch,
    private readonly parts: StepParts,
  ) {}

  get name(): string {
    return this.update.name
  }

  outputs(): Outputs {
    return (this.#outputs ??= VariableSnapshot.puttingBack(() => {
      const { normalization } = this.parts.dataset
      if (this.batch instanceof StepBatch) return outputsOf(this.update, this.batch.inStep(normalization))
      const parts = this.batch.chunks.map((chunk) => outputsOf(this.update, chunk.upload().inStep(normalization)))
      return Object.fromEntries(Object.keys(parts[0]!).map((name) => [name, tf.concat(parts.map((part) => part[name]!))]))
    }))
  }

  terms(): LossTermsByName {
    return (this.#terms ??= VariableSnapshot.puttingBack(() => this.#judged()))
  }

  outputGradients(term: string): ReadonlyMap<string, tf.Tensor> {
    const continuous = Object.entries(this.outputs()).filter(([, { dtype }]) => dtype === 'float32')
    const at = continuous.map(([, output]) => output)
    return VariableSnapshot.puttingBack(() => gradientsByName(continuous.map(([name]) => name), gradientsAt(() => this.#judged().get(term)!, at)))
  }

  gradients(): ReadonlyMap<string, tf.Tensor> {
    return (this.#gradients ??= VariableSnapshot.puttingBack(() => this.#gradientsOfAll()))
  }

  /** Has the update change what it changes. */
  take(): void {
    const gradients = this.gradients()
    for (const { parameters, optimizer } of this.update.groups) optimizer.apply(parameters, gradients)
  }

  #gradientsOfAll(): ReadonlyMap<string, tf.Tensor> {
    const { plan, dataset, hooks } = this.parts
    if (this.batch instanceof ChunkedBatch) {
      const twoPass = new TwoPassGradients(this.update, plan, dataset, hooks, { compile: false, precision: 'float32', guarded: {}, watchedParts: [] })
      return new Map(Object.entries(twoPass.run(this.batch, this.batch.facts, false).gradients))
    }
    const trainable = trainableOf(this.update, plan)
    if (trainable.size === 0) return new Map()
    const view = this.batch.inStep(dataset.normalization)
    const { gradients } = backward(() => lossTerms(this.update, view, hooks), [...trainable.values()])
    return hookedGradients(hooks, this.name, gradientsByName(trainable.keys(), gradients))
  }

  #judged(): LossTermsByName {
    const { dataset, hooks } = this.parts
    const batch: JudgedBatch = this.batch instanceof ChunkedBatch ? this.batch.inStep() : this.batch.inStep(dataset.normalization)
    return termsOf(this.update, this.outputs(), batch, hooks)
  }
}
