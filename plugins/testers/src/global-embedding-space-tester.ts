import {
  expectKnownOptions,
  expectNumber,
  expectOneOf,
  StateError,
  type Dataset,
  type Module,
  type State,
  type Stateful,
} from '@metric-learning/contracts'
import type { EvaluateContext, EvaluatedSplit, Evaluation, Plugin, Trainer } from '@metric-learning/core'
import { AccuracyCalculator, type Accuracy } from '@metric-learning/evaluation'
import { DatasetEmbedder, normalizeHostRows } from '@metric-learning/inference'
import type { CompileMode } from '@metric-learning/ops'
import { joinSplits } from './join-splits.js'
import { planSplits, type JudgedSplit, type SplitPlan } from './split-plan.js'
import type { BestEvaluation, GlobalEmbeddingSpaceTesterOptions, TestedModel, TestResult } from './tester-options.js'

/** Is told how far the embedding or the ranking of a split is. */
type Report = (task: string, done: number, total: number) => void

const OPTIONS: readonly (keyof GlobalEmbeddingSpaceTesterOptions)[] = [
  'splits',
  'labels',
  'name',
  'normalizeEmbeddings',
  'useTrunkOutput',
  'batchSize',
  'compile',
  'accuracyCalculator',
  'primaryMetric',
  'primarySplit',
  'everyEpochs',
  'beforeTraining',
  'endOfTestingHook',
]

/**
 * Embeds whole splits and judges how good a space they make: neighbours of each query among all references, and
 * clusters.
 *
 * As a plugin it does so before training and after epochs, and knows the best evaluation so far, which checkpoints keep.
 * Without a trainer, {@link test} does it once, and {@link dispose} frees what that captured.
 *
 * @throws {OptionError} when an option is unknown, out of range, or does not go with another.
 * @throws {DataError} when a split has no samples.
 * @throws {LabelError} when a split has no column `labels` of one class a sample.
 * @example
 * const tester = new GlobalEmbeddingSpaceTester({ splits: { val } })
 * const { metrics } = await tester.test({ trunk, embedder })
 * console.log(metrics.val.precisionAt1)
 */
export class GlobalEmbeddingSpaceTester implements Plugin, Stateful {
  readonly name: string
  readonly #options: GlobalEmbeddingSpaceTesterOptions
  readonly #plan: SplitPlan
  readonly #calculator: AccuracyCalculator<string>
  readonly #primary: { readonly metric: string; readonly split: string }
  #compile: CompileMode | undefined
  /** Lives on from test to test of one model, so that what it captured is used again. */
  #reused: { readonly trunk: Module; readonly embedder: Module | undefined; readonly splits: DatasetEmbedder } | undefined
  #best: BestEvaluation | undefined

  constructor(options: GlobalEmbeddingSpaceTesterOptions) {
    this.name = options.name ?? 'GlobalEmbeddingSpaceTester'
    expectKnownOptions(this.name, options, OPTIONS)
    expectNumber(this.name, 'batchSize', options.batchSize ?? 256, { min: 1, integer: true })
    expectNumber(this.name, 'everyEpochs', options.everyEpochs ?? 1, { min: 1, integer: true })
    this.#options = options
    this.#compile = options.compile
    this.#plan = planSplits(this.name, options.splits, options.labels)
    this.#calculator = options.accuracyCalculator ?? new AccuracyCalculator()
    const { primaryMetric = 'meanAveragePrecisionAtR', primarySplit = this.#plan.judged[0]!.name } = options
    expectOneOf(this.name, 'primaryMetric', primaryMetric, this.#calculator.metricNames)
    expectOneOf(this.name, 'primarySplit', primarySplit, this.#judgedNames())
    this.#primary = { metric: primaryMetric, split: primarySplit }
  }

  /** The best evaluation of the run by the primary metric; of equals the first. `undefined` before any. */
  get best(): BestEvaluation | undefined {
    return this.#best
  }

  /** Taps `evaluate`, and the end of the run. */
  apply(trainer: Trainer): void {
    this.#compile ??= trainer.options.compile
    trainer.hooks.evaluate.tapPromise({ name: this.name }, async (context) => (this.#isDue(context) ? this.#evaluate(context) : undefined))
    for (const end of ['done', 'failed'] as const) {
      trainer.hooks[end].tap({ name: this.name }, () => {
        this.dispose()
      })
    }
  }

  state(): State {
    return { values: { best: this.#best ? { ...this.#best } : null } }
  }

  /** @throws {StateError} when the best of that run is of another split or metric. */
  restore({ values = {} }: State): void {
    const best = values['best'] as BestEvaluation | null | undefined
    if (best) this.#expectComparable(best)
    this.#best = best ?? undefined
  }

  /**
   * Embeds the splits in inference mode and judges them. PyTorch Metric Learning's `test`.
   *
   * @throws {DataError} when embeddings are not finite.
   */
  test(model: TestedModel): Promise<TestResult> {
    return this.#test(model, () => undefined)
  }

  async #test(model: TestedModel, report: Report): Promise<TestResult> {
    const started = performance.now()
    const splits = new Map<string, EvaluatedSplit>()
    for (const [name, dataset] of this.#plan.datasets) splits.set(name, await this.#embed(name, dataset, model, report))

    const accuracies: Record<string, Accuracy<string>> = {}
    for (const judged of this.#plan.judged) accuracies[judged.name] = await this.#judge(judged, splits, report)
    const result: TestResult = {
      metrics: mapValues(accuracies, results),
      reasons: mapValues(accuracies, ({ certain, reasons }) => ({ ...reasons, ...certain }) as Record<string, string>),
      descriptions: this.#calculator.descriptions,
      accuracies,
      splits: [...splits.values()],
      warnings: Object.entries(accuracies).flatMap(([name, { warnings }]) => warnings.map((text) => `${name}: ${text}`)),
      seconds: (performance.now() - started) / 1000,
    }
    await this.#options.endOfTestingHook?.(result)
    return result
  }

  /** Frees what was captured to embed splits. Called at the end of a trainer's run; the next test captures anew. */
  dispose(): void {
    this.#reused?.splits.dispose()
    this.#reused = undefined
  }

  async #embed(name: string, dataset: Dataset, model: TestedModel, report: Report): Promise<EvaluatedSplit> {
    const { normalizeEmbeddings = true } = this.#options
    const { embeddings, dim } = await this.#datasetEmbedderOf(model).embed(dataset, undefined, report.bind(undefined, `embedding ${name}`))
    if (normalizeEmbeddings) normalizeHostRows({ embeddings, dim })
    return { name, dataset, embeddings, dim, labels: dataset.labels }
  }

  #datasetEmbedderOf({ trunk, embedder }: TestedModel): DatasetEmbedder {
    const reused = this.#reused
    if (reused?.trunk === trunk && reused.embedder === embedder) return reused.splits
    this.dispose()
    const { batchSize = 256, useTrunkOutput = false } = this.#options
    const head = embedder && !useTrunkOutput ? { embedder } : {}
    const splits = new DatasetEmbedder({ trunk, ...head, batchSize, compile: this.#compile ?? true })
    this.#reused = { trunk, embedder, splits }
    return splits
  }

  #judge({ name, references }: JudgedSplit, splits: ReadonlyMap<string, EvaluatedSplit>, report: Report): Promise<Accuracy<string>> {
    const query = splits.get(name)!
    const onProgress = report.bind(undefined, `ranking ${name}`)
    if (references.length === 1 && references[0] === name) {
      return this.#calculator.getAccuracy({ query, queryLabels: query.labels, onProgress })
    }
    const reference = joinSplits(references.map((other) => splits.get(other)!))
    return this.#calculator.getAccuracy({
      query,
      queryLabels: query.labels,
      reference,
      referenceLabels: reference.labels,
      refIncludesQuery: references.includes(name),
      onProgress,
    })
  }

  #isDue({ epoch, epochs }: EvaluateContext): boolean {
    const { beforeTraining = true, everyEpochs = 1 } = this.#options
    return epoch === 0 ? beforeTraining : epoch % everyEpochs === 0 || epoch === epochs
  }

  async #evaluate({ trainer, epoch, report }: EvaluateContext): Promise<Evaluation> {
    const toldBy = (task: string, done: number, total: number) => report({ tester: this.name, task, done, total })
    const { metrics, reasons, descriptions, splits, warnings, seconds } = await this.#test(trainer.embedding, toldBy)
    return { tester: this.name, metrics, reasons, descriptions, splits, isBest: this.#isBest(metrics, epoch), warnings, seconds }
  }

  /** What has no value is never the best. */
  #isBest(metrics: Evaluation['metrics'], epoch: number): boolean {
    const { metric, split } = this.#primary
    const value = metrics[split]![metric] ?? null
    if (value === null) return false
    const { better } = this.#calculator.descriptions[metric]!
    if (this.#best && !(better === 'larger' ? value > this.#best.value : value < this.#best.value)) return false
    this.#best = { epoch, value, metric, split }
    return true
  }

  #judgedNames(): string[] {
    return this.#plan.judged.map(({ name }) => name)
  }

  #expectComparable({ metric, split }: BestEvaluation): void {
    const { metric: ownMetric, split: ownSplit } = this.#primary
    if (metric === ownMetric && split === ownSplit) return
    throw new StateError({
      who: this.name,
      wanted: `a run whose best evaluation is that by ${ownMetric} of ${ownSplit}`,
      got: `one by ${metric} of ${split}`,
      fix: 'Resume with the `primaryMetric` and `primarySplit` of the run that was saved.',
    })
  }
}

/** The metrics of a split; null in place of those that say nothing: that cannot fail, or are of one point. */
const results = ({ metrics, certain }: Accuracy<string>): Record<string, number | null> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value = null]) => [name, name in certain ? null : value]))

const mapValues = <T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
