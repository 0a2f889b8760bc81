import * as tf from '@tensorflow/tfjs-core'
import { checkedLabels, isMetricLearningError, type ClassColumn, type Dataset } from '@metric-learning/contracts'
import { drawPosition, expectSamples, VariableSnapshot, type CompilableStep, type CompilableStepOptions } from '@metric-learning/ops'
import { uploadedBatch, type ChunkedBatch } from '../batches/chunked-batch.js'
import { LabelPlan, StepBatch } from '../batches/step-batch.js'
import type { HookSet } from '../hooks/hook-set.js'
import type { RunOptions, WatchedPart } from '../plan/run-options.js'
import type { PlannedUpdate, TrainingPlan } from '../plan/training-plan.js'
import { lossesWithin, objectiveName, type Objective } from '../schemes/objective.js'
import { ChunkOutputs } from '../step/chunk-outputs.js'
import { judgedTerms, outputsOf } from '../step/loss-terms.js'
import { NamedStep, type WatchedGroups } from '../step/named-step.js'
import { joinedWatch, StepWatch } from '../step/step-watch.js'
import { validationBatches } from './validation-batches.js'

/** What the losses of a run are on a split. */
export interface FoundValidation {
  /** Weighted terms by objective, means over the batches of the split. */
  readonly terms: Readonly<Record<string, number>>
  /** Why an objective has no value there, by its name; where there is one, neither has the sum of all. */
  readonly reasons: Readonly<Record<string, string>>
  /** What is watched of a step, of each batch, by tags of a step. */
  readonly watched: Readonly<Record<string, readonly Float32Array[]>>
}

interface Given {
  readonly batch: StepBatch | ChunkedBatch
  readonly normalization: Dataset['normalization']
  /** Objectives that have a value. */
  readonly included: ReadonlySet<string>
  /** Of a batch in chunks what they are computed from, by the names of updates. */
  readonly outputs: ReadonlyMap<string, tf.NamedTensorMap>
}

/**
 * The losses of a run on a split: its objectives, with their miners, on batches of the split in inference mode, without any update. All
 * variables are what they were before. It is the same for the same weights, whenever it is asked for. With `chunkSize` samples go through
 * the modules in chunks, as they do in training.
 *
 * An objective whose loss is about the classes of training has a value where the split's classes are these, and no other; so has one that
 * compares with earlier batches. What plugins add to the loss is left out.
 */
export class ValidationLoss {
  readonly #step: NamedStep<Given, 'terms'>
  readonly #chunkOutputs: ChunkOutputs
  readonly #batches = new Map<string, { readonly dataset: Dataset; readonly batches: readonly Int32Array[] }>()
  readonly #seed: number

  constructor(
    private readonly plan: TrainingPlan,
    private readonly trainer: RunOptions,
    private readonly hooks: HookSet,
    { watchedParts, ...options }: CompilableStepOptions & { readonly watchedParts: readonly WatchedPart[] },
  ) {
    this.#seed = trainer.seed ?? 0
    const parts = watchedParts.filter((part) => part !== 'gradients')
    this.#step = new NamedStep('validation loss', (given) => this.#lossesOf(given, new StepWatch(parts)), options)
    this.#chunkOutputs = new ChunkOutputs('outputs of a chunk for the validation loss', hooks, { training: false }, options)
  }

  /** Has the next run see whether the code still does what was captured. */
  verify(): void {
    for (const step of this.#steps()) step.verify()
  }

  /** Forgets what was captured. */
  clear(): void {
    for (const step of this.#steps()) step.clear()
  }

  dispose(): void {
    for (const step of this.#steps()) step.dispose()
  }

  /** @throws whatever data set and losses throw, other than that a loss is not finite. */
  async evaluate(split: string, dataset: Dataset): Promise<FoundValidation> {
    const reasons = this.#reasons(split, dataset)
    const objectives = new Map([...this.plan.objectives].filter(([name]) => !(name in reasons)))
    if (objectives.size === 0) return { terms: {}, reasons, watched: {} }
    const labels = new LabelPlan(checkedLabels(`Validation loss, split "${split}"`, dataset), objectives)
    const found: Omit<FoundValidation, 'reasons'>[] = []
    for (const [i, rows] of this.#batchesOf(split, dataset).entries()) {
      const at = { seed: this.#seed, epoch: 1, batch: i }
      const views = await Promise.all(Array.from({ length: this.plan.scheme.views ?? 1 }, (_, view) => dataset.load(rows.slice(), { ...at, view })))
      for (const samples of views) expectSamples(`Validation loss, ${dataset.name}`, samples, rows.length, dataset)
      const loaded = { rows, views, position: drawPosition(this.#seed, 1, i) }
      const batch = uploadedBatch(loaded, labels, this.trainer.chunkSize)
      try {
        found.push(await this.#read({ batch, normalization: dataset.normalization, included: new Set(objectives.keys()), outputs: new Map() }))
      } catch (error) {
        if (!isMetricLearningError(error) || error.code !== 'ML_NOT_FINITE') throw error
        return { terms: {}, reasons: Object.fromEntries([...this.plan.objectives.keys()].map((name) => [name, reasons[name] ?? error.message])), watched: {} }
      } finally {
        batch.dispose()
      }
    }
    const mean = (name: string) => found.reduce((sum, { terms }) => sum + terms[name]!, 0) / found.length
    return {
      terms: Object.fromEntries(Object.keys(found[0]!.terms).map((name) => [name, mean(name)])),
      reasons,
      watched: Object.fromEntries(Object.keys(found[0]!.watched).map((tag) => [tag, found.map(({ watched }) => watched[tag]![0]!)])),
    }
  }

  #steps(): readonly CompilableStep[] {
    return [this.#step.compilable, this.#chunkOutputs.step]
  }

  async #read(given: Given): Promise<Omit<FoundValidation, 'reasons'>> {
    const { terms, asides = {} } = tf.tidy(() => this.#run(given))
    try {
      const read = async ([name, tensor]: readonly [string, tf.Tensor]) => [name, await tensor.data<'float32'>()] as const
      const [ofTerms, ofAsides] = await Promise.all([terms, asides].map((tensors) => Promise.all(Object.entries(tensors).map(read))))
      return {
        terms: Object.fromEntries(ofTerms!.map(([name, values]) => [name, values[0]!])),
        watched: Object.fromEntries(ofAsides!.map(([tag, values]) => [tag, [values.slice()]])),
      }
    } finally {
      tf.dispose([terms, asides])
    }
  }

  #run(given: Given): WatchedGroups<'terms'> {
    const { batch, normalization, included } = given
    const facts = `${batch.facts} ${[...included].join()} ${JSON.stringify(normalization)}`
    if (batch instanceof StepBatch) return this.#step.run(given, batch.tensors, facts, true)
    return VariableSnapshot.puttingBack(() => {
      const outputs = new Map(this.#updates(included).map((update) => [update.name, this.#chunkOutputs.of(update, batch, normalization, `${update.name} ${facts}`)]))
      const inputs = [...outputs.values()].flatMap((named) => Object.values(named))
      const names = [...outputs].map(([update, named]) => `${update}: ${Object.keys(named).join()}`)
      return this.#step.run({ ...given, outputs }, [...batch.tensors, ...inputs], `${facts} ${names.join()}`, true)
    })
  }

  /** Inside the step: losses, and what is watched; variables are put back. */
  #lossesOf({ batch, normalization, included, outputs }: Given, watch: StepWatch): WatchedGroups<'terms'> {
    return VariableSnapshot.puttingBack(() => {
      try {
        const whole = batch instanceof StepBatch ? batch.inStep(normalization) : undefined
        const terms: tf.NamedTensorMap = {}
        const watched: tf.NamedTensorMap[] = []
        for (const update of this.#updates(included)) {
          const judged = whole ? outputsOf(update, whole, { training: false }) : outputs.get(update.name)!
          Object.assign(terms, Object.fromEntries(judgedTerms(update, judged, whole ?? batch.inStep(undefined), this.hooks, watch)))
          watched.push(watch.take())
        }
        return { terms, asides: joinedWatch(watched) }
      } finally {
        watch.dispose()
      }
    })
  }

  /** Those with objectives that have a value, and these alone. */
  #updates(included: ReadonlySet<string>): readonly PlannedUpdate[] {
    return this.plan.updates
      .map((update) => ({ ...update, objectives: update.objectives.filter((objective) => included.has(objectiveName(objective))) }))
      .filter(({ objectives }) => objectives.length > 0)
  }

  #batchesOf(split: string, dataset: Dataset): readonly Int32Array[] {
    const known = this.#batches.get(split)
    if (known?.dataset === dataset) return known.batches
    const batches = validationBatches(split, dataset.labels, this.trainer.sampler, this.trainer.dataset.labels, this.#seed)
    this.#batches.set(split, { dataset, batches })
    return batches
  }

  /** Why objectives have no value on a split. */
  #reasons(split: string, dataset: Dataset): Readonly<Record<string, string>> {
    const reasons: Record<string, string> = {}
    for (const [name, objective] of this.plan.objectives) {
      const reason = this.#reason(objective, dataset) ?? (objective.mineAmong !== undefined && reasons[objective.mineAmong])
      if (reason) reasons[name] = `${name} has no loss on ${split}: ${reason}`
    }
    return reasons
  }

  #reason({ loss, labels }: Objective, dataset: Dataset): string | undefined {
    const { labels: own, columns, views = 1 } = dataset
    const { views: wanted = 1 } = this.plan.scheme
    if (views < wanted) return `it has ${views} of the ${wanted} views of a sample that ${this.plan.scheme.name} compares. Metrics need one alone; \`unlogged: ['validationLoss']\` of the trainer leaves the loss out.`
    if (own.length < 2) return 'it has no pair of samples.'
    if (labels !== undefined && !columns?.[labels]) return `it has no label column "${labels}".`
    if (hasClassesOf(classesOf(this.trainer.dataset, labels), classesOf(dataset, labels))) return undefined
    const about = lossesWithin(loss).find((one) => one.overClasses ?? (one.checkLabels !== undefined || one.parameters.size > 0))
    if (about) return `${about.name} is about the classes of training, and these are others.`
    const remembering = lossesWithin(loss).find(({ remembersBatches }) => remembersBatches)
    return remembering && `${remembering.name} compares with earlier batches, which are of other classes.`
  }
}

/** The labels that an objective goes by; `undefined` where that are rows of integers. */
function classesOf({ labels, classNames, columns }: Dataset, column: string | undefined): ClassColumn | undefined {
  if (column === undefined) return { labels, classNames }
  const named = columns?.[column]
  return named && 'labels' in named ? named : undefined
}

/** Whether all classes of a split are those of training, by label and name, and have samples there. */
function hasClassesOf(training: ClassColumn | undefined, split: ClassColumn | undefined): boolean {
  if (!training || !split) return false
  const trained = new Set(training.labels)
  return [...new Set(split.labels)].every((label) => trained.has(label) && split.classNames?.[label] === training.classNames?.[label])
}
