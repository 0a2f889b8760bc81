import * as tf from '@tensorflow/tfjs-core'
import type { Dataset, Parameters } from '@metric-learning/contracts'
import { sumOver, VariableSnapshot, type CompilableStep, type CompilableStepOptions } from '@metric-learning/ops'
import type { ChunkedBatch, UploadedChunk } from '../batches/chunked-batch.js'
import type { HookSet } from '../hooks/hook-set.js'
import type { WatchedPart } from '../plan/run-options.js'
import type { PlannedUpdate, TrainingPlan } from '../plan/training-plan.js'
import type { Outputs } from '../schemes/scheme.js'
import { backward, expectConnected, gradientsAt, gradientsByName, hookedGradients, trainableOf } from './backward-pass.js'
import { ChunkOutputs } from './chunk-outputs.js'
import { outputsOf, termsOf } from './loss-terms.js'
import { NamedStep, type NamedResults, type WatchedGroups } from './named-step.js'
import { StepWatch, watching } from './step-watch.js'

/**
 * What the first phase of an update gives: weighted loss terms; gradients by names of parameters; and what forward passes and losses
 * assign, such as running statistics and memories, by names of variables.
 */
export type FirstPhase = 'terms' | 'gradients' | 'assigned'

/**
 * The gradients of an update from a batch that is larger than memory. The samples go through the modules in chunks, twice:
 *
 * 1. Each chunk goes forward, and of it only the outputs y stay.
 * 2. The losses are computed from all outputs, and with them ∂L/∂y, and ∂L/∂θ of what they use themselves.
 * 3. Each chunk goes forward again and back: ∂L/∂θ ← ∂L/∂θ + (∂y/∂θ)ᵀ ∂L/∂y, over its rows.
 *
 * The second pass starts from the draws and running statistics that the first one started from, and moves neither. Each of the
 * three is a graph of its own, and those of a chunk run once for each, so that one chunk is in memory at a time.
 *
 * Gao et al.: Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup (arXiv 2101.06983), section 3.2.
 */
export class TwoPassGradients {
  readonly #watchedParts: readonly WatchedPart[]
  readonly #outputs: ChunkOutputs
  readonly #judge: NamedStep<{ readonly batch: ChunkedBatch; readonly outputs: Outputs }, 'terms' | 'outputs' | 'parameters'>
  readonly #backward: NamedStep<{ readonly chunk: UploadedChunk; readonly dy: tf.NamedTensorMap }, 'parameters'>
  readonly #taps: NamedStep<ReadonlyMap<string, tf.Tensor>, 'parameters'>

  constructor(
    private readonly update: PlannedUpdate,
    private readonly plan: TrainingPlan,
    private readonly dataset: Pick<Dataset, 'normalization'>,
    private readonly hooks: HookSet,
    { watchedParts, ...options }: CompilableStepOptions & { readonly watchedParts: readonly WatchedPart[] },
  ) {
    const { name } = update
    this.#watchedParts = watchedParts
    this.#outputs = new ChunkOutputs(`outputs of a chunk of ${name}`, hooks, { training: true }, options)
    this.#judge = new NamedStep(`losses of ${name}`, ({ batch, outputs }, isWatching) => watching(isWatching, watchedParts, (watch) => this.#judged(batch, outputs, watch)), options)
    this.#backward = new NamedStep(`gradients of a chunk of ${name}`, ({ chunk, dy }) => this.#gradientsOf(chunk, dy), options)
    this.#taps = new NamedStep(`taps of the gradients of ${name}`, (own) => ({ parameters: Object.fromEntries(hookedGradients(hooks, name, own)) }), options)
  }

  get steps(): readonly CompilableStep[] {
    return [this.#outputs.step, ...[this.#judge, this.#backward, this.#taps].map(({ compilable }) => compilable)]
  }

  /**
   * Changes no variable.
   *
   * @param facts names all that shapes the losses, besides shapes
   * @param isWatched whether the step is looked at
   */
  run(batch: ChunkedBatch, facts: string, isWatched: boolean): WatchedGroups<FirstPhase> {
    const watch = new StepWatch(this.#watchedParts)
    return VariableSnapshot.puttingBack((before) => {
      try {
        const outputs = this.#outputs.of(this.update, batch, this.dataset.normalization)
        const judged = this.#judge.run({ batch, outputs }, [...batch.tensors, ...Object.values(outputs)], `${facts} ${namesIn(outputs)}`, isWatched)
        const sums = backAt(before, () => this.#plusChunks(judged.parameters, batch, judged.outputs))
        if (isWatched) watch.gradients(this.update.groups, sums)
        return {
          terms: judged.terms,
          gradients: this.#tapped(sums, Object.keys(judged.terms)),
          assigned: before.changes(),
          ...(isWatched && { asides: { ...judged.asides, ...watch.take() } }),
        }
      } finally {
        watch.dispose()
      }
    })
  }

  #judged(batch: ChunkedBatch, outputs: Outputs, watch: StepWatch | undefined): NamedResults<'terms' | 'outputs' | 'parameters'> {
    const trainable = trainableOf(this.update, this.plan)
    const judge = () => termsOf(this.update, outputs, batch.inStep(), this.hooks, watch)
    if (trainable.size === 0) return { terms: Object.fromEntries(judge()), outputs: {}, parameters: {} }
    const continuous = Object.entries(outputs).filter(([, { dtype }]) => dtype === 'float32')
    const { terms, gradients } = backward(judge, [...continuous.map(([, output]) => output), ...trainable.values()])
    return {
      terms: Object.fromEntries(terms),
      outputs: Object.fromEntries(gradientsByName(continuous.map(([name]) => name), gradients)),
      parameters: Object.fromEntries(gradientsByName(trainable.keys(), gradients.slice(continuous.length))),
    }
  }

  /** Pass 2: gradients with those of all chunks added. */
  #plusChunks(own: tf.NamedTensorMap, batch: ChunkedBatch, dy: tf.NamedTensorMap): ReadonlyMap<string, tf.Tensor> {
    const sums = new Map(Object.entries(own))
    const trainable = this.#trainableInModules()
    if (trainable.size === 0 || Object.keys(dy).length === 0) return sums
    const facts = `${[...trainable.keys()].join()} ${namesIn(dy)} ${JSON.stringify(this.dataset.normalization)}`
    for (const chunk of batch.chunks) {
      const gradients = tf.tidy(() => {
        const given = { chunk: chunk.upload(), dy: mapped(dy, (whole) => chunk.slice(whole)) }
        return this.#backward.run(given, [...given.chunk.tensors, ...Object.values(given.dy)], facts).parameters
      })
      for (const [name, gradient] of Object.entries(gradients)) {
        const sum = sums.get(name)
        sums.set(name, sum ? tf.add(sum, gradient) : gradient)
        if (sum) tf.dispose([sum, gradient])
      }
    }
    return sums
  }

  /** (∂y/∂θ)ᵀ ∂L/∂y of a chunk: the gradients of Σ y · ∂L/∂y. */
  #gradientsOf(chunk: UploadedChunk, dy: tf.NamedTensorMap): NamedResults<'parameters'> {
    const forward = () => {
      const outputs = outputsOf(this.update, chunk.inStep(this.dataset.normalization))
      return tf.addN(Object.entries(dy).map(([name, gradient]) => sumOver<tf.Scalar>(tf.reshape(tf.mul(outputs[name]!, gradient), [-1]), 0)))
    }
    const trainable = this.#trainableInModules()
    return { parameters: Object.fromEntries(gradientsByName(trainable.keys(), gradientsAt(forward, [...trainable.values()]))) }
  }

  /** In the order of the update's parameters, and as taps of `hooks.gradients` leave them. */
  #tapped(sums: ReadonlyMap<string, tf.Tensor>, terms: readonly string[]): tf.NamedTensorMap {
    const trainable = [...trainableOf(this.update, this.plan).keys()]
    const own = gradientsByName(trainable, trainable.map((name) => sums.get(name)))
    expectConnected(this.update, trainable, new Set(own.keys()), terms)
    if (own.size === 0 || this.hooks.gradients.taps.length === 0) return Object.fromEntries(own)
    return this.#taps.run(own, [...own.values()], [...own.keys()].join()).parameters
  }

  /** What the samples that go through the modules may change. */
  #trainableInModules(): Parameters {
    const { modules, groups } = this.update
    const names = new Set(groups.filter(({ owner }) => modules.includes(owner)).flatMap(({ parameters }) => [...parameters.keys()]))
    return new Map([...trainableOf(this.update, this.plan)].filter(([name]) => names.has(name)))
  }
}

const namesIn = (tensors: tf.NamedTensorMap): string => Object.keys(tensors).join()

const mapped = (tensors: tf.NamedTensorMap, change: (tensor: tf.Tensor, name: string) => tf.Tensor): tf.NamedTensorMap =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor, name)]))

/** Does some work with the values that variables had at a moment, and puts those back that they have now. */
function backAt<T>(moment: VariableSnapshot, work: () => T): T {
  return VariableSnapshot.puttingBack(() => {
    moment.restore()
    return work()
  })
}
