import {
  describeValue,
  expectBoolean,
  expectKnownOptions,
  expectNumber,
  expectOneOf,
  expectText,
  OptionError,
  ShapeError,
  StateError,
  type Embeddings,
  type MetricDescription,
  type State,
  type Stateful,
} from '@metric-learning/contracts'
import type { EvaluateContext, Evaluation, Plugin, TappableTrainer } from '@metric-learning/core'
import { DatasetEmbedder } from '@metric-learning/inference'
import type { CompileMode } from '@metric-learning/ops'
import { referenceLabels } from './reference-labels.js'
import { SplitEmbeddings } from './split-embeddings.js'
import { inTwoStreams, planSplits, type JudgedSplit, type SplitPlan } from './split-plan.js'
import { resultsOf, withBounds, type Results } from './split-results.js'
import type { BestEvaluation, Comparison, Judgement, LabelledEmbeddings, TestedModel, TesterOptions, TestResult } from './tester-options.js'

/** What a kind of tester is. */
export interface TesterKind {
  /** Name of the class, and of its testers unless they have another. */
  readonly name: string
  /** The metrics that it finds. */
  readonly metricNames: readonly string[]
  /** By metric how it is called, and which value is the better one. Default: by its name, and larger is better. */
  readonly descriptions?: Readonly<Record<string, MetricDescription>>
  /** The metric by which evaluations are compared unless the options say otherwise. */
  readonly primaryMetric: string
  /** Names of the options that it has beyond {@link TesterOptions}. Default none. */
  readonly options?: readonly string[]
  /** Whether levels are judged within their parents: `labels` names two columns at least, and the last is a parent alone. Default false. */
  readonly withinParents?: boolean
  /** Whether the first view of each sample is a query, and second ones are looked up. Then splits have no other references. Default false. */
  readonly twoStreams?: boolean
  /** With `twoStreams`: what second views go through. Default: what is tested. */
  readonly secondStream?: TestedModel | undefined
}

/** A model with what embeds data sets by it. */
interface ReusedModel extends TestedModel {
  readonly dataset: DatasetEmbedder
}

/** Is told how far the embedding or the judging of a split is. */
type Report = (task: string, done: number, total: number) => void

const OPTIONS: readonly (keyof TesterOptions)[] = [
  ...(['splits', 'labels', 'name', 'normalizeEmbeddings', 'pca', 'useTrunkOutput', 'batchSize', 'embeddingBytes', 'compile'] as const),
  ...(['primaryMetric', 'primarySplit', 'everyEpochs', 'everySteps', 'beforeTraining', 'rawWeights', 'endOfTestingHook'] as const),
]

/**
 * What every tester does: it embeds whole splits, has {@link judge} compare each with its references, level by level, and knows the best
 * evaluation so far, which checkpoints keep. A tester of your own says what it finds, and judges one comparison.
 *
 * As a plugin it does so before training and after epochs, or every so many steps. Without a trainer, {@link test} does it once, and
 * {@link dispose} frees what that captured.
 *
 * @throws {OptionError} when an option is unknown, out of range, or does not go with another.
 * @throws {DataError} when a split has no samples, or too few views.
 * @throws {LabelError} when a split has no column `labels` of one class a sample.
 * @throws {ShapeError} when samples of one split are of another kind than those of another.
 * @example
 * class SpreadTester extends BaseTester {
 *   constructor(options: TesterOptions) {
 *     super({ name: 'SpreadTester', metricNames: ['spread'], primaryMetric: 'spread' }, options)
 *   }
 *
 *   protected override judge({ query }: Comparison) {
 *     return { metrics: { spread: spreadOf(query) } }
 *   }
 * }
 */
export abstract class BaseTester<Found extends Judgement = Judgement> implements Plugin, Stateful {
  readonly name: string
  /** By metric how it is called, and which value is the better one; those of levels, too. Metrics without one: by their names, and larger is better. */
  readonly descriptions: Readonly<Record<string, MetricDescription>>
  readonly #options: TesterOptions<Found>
  /** Names of all label columns, finest first. */
  readonly #levels: readonly string[]
  /** Names of those that are judged. */
  readonly #judgedLevels: readonly string[]
  readonly #plan: SplitPlan
  readonly #primary: { readonly metric: string; readonly split: string }
  readonly #embeddings: SplitEmbeddings
  #compile: CompileMode | undefined
  readonly #secondStream: TestedModel | undefined
  /** Of each stream; lives on from test to test of one model, so that what it captured is used again. */
  readonly #reused: (ReusedModel | undefined)[] = []
  #best: BestEvaluation | undefined

  protected constructor(kind: TesterKind, options: TesterOptions<Found>) {
    expectKnownOptions(kind.name, options, [...OPTIONS, ...(kind.options ?? [])])
    const { name = kind.name, labels = 'labels', pca, embeddingBytes = 2 ** 30, normalizeEmbeddings = true } = options
    expectText(kind.name, 'name', name, 'a name')
    for (const option of ['batchSize', 'pca', 'everyEpochs', 'everySteps'] as const) {
      expectNumber(name, option, options[option] ?? 1, { min: 1, integer: true })
    }
    expectNumber(name, 'embeddingBytes', embeddingBytes, { min: 0, integer: true })
    const { useTrunkOutput = false, beforeTraining = true, rawWeights = false } = options
    for (const [option, value] of Object.entries({ normalizeEmbeddings, useTrunkOutput, beforeTraining, rawWeights })) expectBoolean(name, option, value)
    expectOneInterval(name, options)
    this.name = name
    this.#options = options
    this.#secondStream = kind.secondStream
    this.#compile = options.compile
    this.#levels = typeof labels === 'string' ? [labels] : labels
    expectLevels(name, this.#levels, kind)
    this.#judgedLevels = kind.withinParents ? this.#levels.slice(0, -1) : this.#levels
    const plan = planSplits(name, options.splits, this.#levels)
    this.#plan = kind.twoStreams ? inTwoStreams(name, plan) : plan
    if (pca !== undefined) expectEnoughReferences(name, this.#plan, pca)
    const judged = this.#plan.judged.map((split) => split.name)
    const { primaryMetric = kind.primaryMetric, primarySplit = judged[0]! } = options
    expectOneOf(name, 'primaryMetric', primaryMetric, [...kind.metricNames, ...this.#ofLevels(kind.metricNames)])
    expectOneOf(name, 'primarySplit', primarySplit, judged)
    this.#primary = { metric: primaryMetric, split: primarySplit }
    this.descriptions = this.#atLevels(kind.descriptions ?? {})
    this.#embeddings = new SplitEmbeddings(name, this.#plan, { normalize: normalizeEmbeddings, pca, bytes: embeddingBytes })
  }

  /** The best evaluation of the run by the primary metric; of equals the first. `undefined` before any. */
  get best(): BestEvaluation | undefined {
    return this.#best
  }

  /** Judges a split by its references, at one level. */
  protected abstract judge(comparison: Comparison): Found | Promise<Found>

  /**
   * Taps `evaluate`, and the end of the run.
   *
   * @throws {ShapeError} when the model's embeddings have fewer numbers than `pca`, or others than those of the second stream.
   */
  apply(trainer: TappableTrainer): void {
    this.#compile ??= trainer.options.compile
    this.#expectWideEnough(trainer.embedding)
    const { everySteps, rawWeights = false } = this.#options
    const tap = { name: this.name, rawWeights, ...(everySteps !== undefined && { everySteps }) }
    trainer.hooks.evaluate.tapPromise(tap, async (context) => (this.#isDue(context) ? this.#evaluate(context) : undefined))
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
   * @throws {DataError} when embeddings are not finite, or can't be written to a file.
   * @throws {ShapeError} when the model's embeddings have fewer numbers than `pca`, or others than those of the second stream.
   */
  test(model: TestedModel): Promise<TestResult<Found>> {
    return this.#test(model, () => undefined)
  }

  /** Frees what was captured to embed splits, and files of embeddings. Called at the end of a trainer's run; the next test captures anew. */
  dispose(): void {
    this.#embeddings.clear()
    for (const reused of this.#reused.splice(0)) reused?.dataset.dispose()
  }

  async #test(model: TestedModel, report: Report): Promise<TestResult<Found>> {
    const started = performance.now()
    this.#expectWideEnough(model)
    try {
      await this.#embeddings.embed((stream) => this.#datasetEmbedderOf(stream === 0 ? model : (this.#secondStream ?? model), stream), report)
      const accuracies: Record<string, Found> = {}
      const metrics: Record<string, Readonly<Record<string, number | null>>> = {}
      const reasons: Record<string, Readonly<Record<string, string>>> = {}
      for (const judged of this.#plan.judged) {
        const found = await this.#judgeLevels(judged, report)
        const results = this.#ofAllLevels([...found.values()].map(resultsOf))
        metrics[judged.name] = results.metrics
        reasons[judged.name] = results.reasons
        for (const [level, judgement] of found) accuracies[this.#hasSeveral ? `${judged.name}/${level}` : judged.name] = judgement
      }
      const result: TestResult<Found> = {
        metrics,
        reasons,
        descriptions: withBounds(this.descriptions, Object.values(metrics)),
        accuracies,
        splits: this.#embeddings.compared,
        warnings: Object.entries(accuracies).flatMap(([title, { warnings = [] }]) => warnings.map((text) => `${title}: ${text}`)),
        seconds: (performance.now() - started) / 1000,
      }
      await this.#options.endOfTestingHook?.(result)
      this.#embeddings.release()
      return result
    } catch (error) {
      this.#embeddings.clear()
      throw error
    }
  }

  #datasetEmbedderOf({ trunk, embedder }: TestedModel, stream: 0 | 1): DatasetEmbedder {
    const reused = this.#reused[stream]
    if (reused?.trunk === trunk && reused.embedder === embedder) return reused.dataset
    reused?.dataset.dispose()
    const { batchSize = 256, useTrunkOutput = false } = this.#options
    const head = embedder && !useTrunkOutput ? { embedder } : {}
    const dataset = new DatasetEmbedder({ trunk, ...head, batchSize, compile: this.#compile ?? true })
    this.#reused[stream] = { trunk, ...(embedder && { embedder }), dataset }
    return dataset
  }

  /** What is said of a split at each level, by its name. */
  async #judgeLevels(judged: JudgedSplit, report: Report): Promise<ReadonlyMap<string, Found>> {
    const { query, reference, refIncludesQuery } = await this.#embeddings.compare(judged)
    const levelsOf = (name: string) => this.#plan.sets.get(name)!.levels
    const own = levelsOf(judged.name)
    const ofQueries = own.map(({ labels }) => labels)
    const ofReferences = query === reference ? ofQueries : own.map((column, level) => referenceLabels(column, judged.references.map((name) => levelsOf(name)[level]!)))
    const found = new Map<string, Found>()
    for (const [level, name] of this.#judgedLevels.entries()) {
      const queries = labelled(query, ofQueries, level)
      const references = query === reference ? queries : labelled(reference, ofReferences, level)
      const task = this.#hasSeveral ? `ranking ${judged.name}/${name}` : `ranking ${judged.name}`
      const onProgress = report.bind(undefined, task)
      found.set(name, await this.judge({ split: judged.name, level, query: queries, reference: references, refIncludesQuery, onProgress }))
    }
    return found
  }

  get #hasSeveral(): boolean {
    return this.#judgedLevels.length > 1
  }

  /** `<level>/<metric>`, where there are several levels. */
  #ofLevels(metrics: readonly string[]): string[] {
    return this.#hasSeveral ? this.#judgedLevels.flatMap((level) => metrics.map((metric) => `${level}/${metric}`)) : []
  }

  /** Those of all levels, and their means where there are several. */
  #ofAllLevels(levels: readonly Results[]): Omit<Results, 'bounds'> {
    if (levels.length === 1) return { ...levels[0]!, metrics: { ...levels[0]!.metrics, ...levels[0]!.bounds } }
    const all: { metrics: Record<string, number | null>; reasons: Record<string, string> } = { metrics: {}, reasons: {} }
    for (const metric of Object.keys(levels[0]!.metrics)) {
      const values = levels.flatMap(({ metrics }) => metrics[metric] ?? [])
      const without = levels.findIndex(({ metrics }) => metrics[metric] === null)
      all.metrics[metric] = without === -1 ? values.reduce((sum, value) => sum + value, 0) / levels.length : null
      if (without !== -1) all.reasons[metric] = `${this.#judgedLevels[without]!}: ${levels[without]!.reasons[metric]!}`
    }
    for (const [level, { metrics, bounds, reasons }] of levels.entries()) {
      const named = <T>(of: Readonly<Record<string, T>>) => Object.fromEntries(Object.entries(of).map(([metric, value]) => [`${this.#judgedLevels[level]!}/${metric}`, value]))
      Object.assign(all.metrics, named(metrics), named(bounds))
      Object.assign(all.reasons, named(reasons))
    }
    return all
  }

  /** The same for the metrics of each level, where there are several. */
  #atLevels(descriptions: Readonly<Record<string, MetricDescription>>): Readonly<Record<string, MetricDescription>> {
    if (!this.#hasSeveral) return descriptions
    const ofLevel = (level: string) =>
      Object.entries(descriptions).map(([metric, description]) => [`${level}/${metric}`, { ...description, label: `${description.label}, ${level}` }] as const)
    return { ...descriptions, ...Object.fromEntries(this.#judgedLevels.flatMap(ofLevel)) }
  }

  #isDue({ epoch, epochs, step }: EvaluateContext): boolean {
    const { beforeTraining = true, everyEpochs = 1, everySteps } = this.#options
    if (step === 0) return beforeTraining
    return epoch === epochs || (everySteps === undefined ? epoch % everyEpochs === 0 : step % everySteps === 0)
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
    const isLarger = this.descriptions[metric]?.better !== 'smaller'
    if (this.#best && !(isLarger ? value > this.#best.value : value < this.#best.value)) return false
    this.#best = { epoch, value, metric, split }
    return true
  }

  #expectWideEnough(model: TestedModel): void {
    const { pca = 1, useTrunkOutput = false } = this.#options
    const widthOf = ({ trunk, embedder }: TestedModel) => (useTrunkOutput ? trunk : (embedder ?? trunk)).outputSize
    const width = widthOf(model)
    if (pca > width) {
      throw new ShapeError({
        who: this.name,
        wanted: `embeddings of ${pca} numbers at least, for \`pca: ${pca}\``,
        got: `${width}`,
        fix: 'Ask for fewer components, or leave `pca` out.',
      })
    }
    const second = widthOf(this.#secondStream ?? model)
    if (second === width) return
    throw new ShapeError({
      who: this.name,
      wanted: `embeddings of ${width} numbers from \`secondStream\`, as from the first`,
      got: `${second}`,
      fix: 'Give both embedders one `embeddingSize`.',
    })
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

const labelled = (embeddings: Embeddings, levels: readonly Int32Array[], level: number): LabelledEmbeddings => ({ ...embeddings, labels: levels[level]!, levels })

function expectOneInterval(who: string, { everyEpochs, everySteps }: Pick<TesterOptions, 'everyEpochs' | 'everySteps'>): void {
  if (everyEpochs === undefined || everySteps === undefined) return
  throw new OptionError({ who, wanted: '`everyEpochs` or `everySteps`', got: 'both', fix: 'Leave one out.' })
}

function expectLevels(who: string, levels: readonly string[], { withinParents = false }: TesterKind): void {
  const isList = Array.isArray(levels) && levels.every((level) => typeof level === 'string')
  const isTwice = isList && new Set(levels).size < levels.length
  if (isList && levels.length >= (withinParents ? 2 : 1) && !isTwice) return
  throw new OptionError({
    who,
    wanted: withinParents ? '`labels` with a column and that of its parents, finest first' : '`labels` with at least one column, each once',
    got: !isList ? describeValue(levels) : levels.length === 0 ? 'none' : levels.join(', '),
    fix: withinParents ? "Pass `labels: ['labels', 'family']`, for the data sets' own labels within those of a column `family`." : 'Name label columns that all splits have.',
  })
}

function expectEnoughReferences(who: string, { judged, sets }: SplitPlan, pca: number): void {
  for (const { name, references } of judged) {
    const rows = references.reduce((sum, reference) => sum + sets.get(reference)!.dataset.labels.length, 0)
    if (pca <= rows) continue
    throw new OptionError({
      who,
      wanted: `\`pca\` of at most ${rows}, the references of split "${name}"`,
      got: `${pca}`,
      fix: 'Ask for fewer components, or pass more references.',
    })
  }
}
