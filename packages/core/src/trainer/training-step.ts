import * as tf from '@tensorflow/tfjs-core'
import { PluginError, StateError, type Dataset, type LabelRelations, type LoadedSamples, type Module } from '@metric-learning/contracts'
import { CompilableStep, normalizeSamples, uploadSamples, type CompilableStepOptions } from '@metric-learning/ops'
import type { HookSet } from '../hooks/hook-set.js'
import type { ParameterGroup } from './parameter-groups.js'

/** What a step leaves behind. */
export interface StepResult {
  /** Names of the loss terms. */
  readonly termNames: readonly string[]
  /** Their weighted values, float32 [terms], still on the device; the caller disposes it. */
  readonly terms: tf.Tensor1D
}

/**
 * From a loaded batch to updated weights: one synchronous function of tensors under one `tf.tidy`.
 * It reads nothing back from the device; the loss stays there until somebody asks. Where the backend
 * can, it is captured and runs as one graph.
 */
export class TrainingStep {
  readonly #step: CompilableStep
  /** Names of the loss terms, as of the last time that the step ran as code. */
  #termNames: readonly string[] = []
  /** What the step under way is about. */
  #relations: LabelRelations | undefined

  constructor(
    private readonly trunk: Module,
    private readonly embedder: Module,
    private readonly dataset: Dataset,
    private readonly groups: readonly ParameterGroup[],
    private readonly hooks: HookSet,
    options: CompilableStepOptions,
  ) {
    this.#step = new CompilableStep('training step', (samples) => [this.#update(samples!)], options)
  }

  run(samples: LoadedSamples, relations: LabelRelations): StepResult {
    this.#relations = relations
    const [terms] = tf.tidy(() =>
      this.#step.run([uploadSamples(samples), ...relations.tensors], this.#facts(relations)),
    )
    return { termNames: this.#termNames, terms: terms as tf.Tensor1D }
  }

  /** What was captured is forgotten, so that code which changed takes effect. */
  recapture(): void {
    this.#step.clear()
  }

  dispose(): void {
    this.#step.dispose()
  }

  /** All that shapes the step besides the shapes of its inputs. */
  #facts({ hasPositives, hasNegatives }: LabelRelations): string {
    const frozen = this.#parameters().flatMap(([name, { trainable }]) => (trainable ? [] : name))
    return `${hasPositives} ${hasNegatives} ${frozen.join()}`
  }

  #update(samples: tf.Tensor): tf.Tensor {
    const inputs = normalizeSamples(samples, this.dataset.normalization)
    const { terms, gradients } = this.#backward(inputs, this.#relations!)
    const changed = this.hooks.gradients.call({ gradients })
    for (const { parameters, optimizer } of this.groups) optimizer.apply(parameters, changed.gradients)
    return terms
  }

  #backward(inputs: tf.Tensor, relations: LabelRelations) {
    const termNames: string[] = []
    let kept: tf.Tensor1D | undefined
    const forward = (): tf.Scalar => {
      const embeddings = this.#embed(inputs)
      const terms: tf.Scalar[] = []
      this.hooks.loss.call({
        embeddings,
        relations,
        add: (name, value, weight = 1) => {
          termNames.push(name)
          terms.push(weight === 1 ? value : tf.mul(value, weight))
        },
      })
      checkTerms(termNames)
      kept = tf.keep(tf.stack(terms) as tf.Tensor1D)
      return terms.length === 1 ? terms[0]! : tf.addN(terms)
    }
    const trainable = this.#parameters().filter(([, variable]) => variable.trainable)
    try {
      const { grads } = tf.variableGrads(forward, trainable.map(([, variable]) => variable))
      const gradients = new Map<string, tf.Tensor>()
      for (const [name, variable] of trainable) {
        const gradient = grads[variable.name]
        if (gradient) gradients.set(name, gradient)
      }
      this.#termNames = termNames
      // A copy that the surrounding tidy hands to the caller; the kept one goes.
      return { terms: tf.clone(kept!), gradients }
    } finally {
      kept?.dispose()
    }
  }

  #parameters(): [string, tf.Variable][] {
    return this.groups.flatMap(({ parameters }) => [...parameters])
  }

  #embed(inputs: tf.Tensor): tf.Tensor2D {
    const mode = { training: true }
    return this.embedder.call(this.trunk.call(inputs, mode), mode) as tf.Tensor2D
  }
}

function checkTerms(names: readonly string[]): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i)
  if (repeated !== undefined) {
    throw new PluginError({
      who: 'Trainer',
      wanted: 'loss terms with names of their own',
      got: `"${repeated}" twice`,
      fix: 'Give each objective a `name`.',
    })
  }
  if (names.length === 0) {
    throw new StateError({
      who: 'Trainer',
      wanted: 'at least one loss term',
      got: 'none',
      fix: 'Pass `objectives`, or a plugin that adds a term in hooks.loss.',
    })
  }
}
