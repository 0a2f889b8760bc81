import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { expectMethods, expectNumber, OptionError, type Dataset, type Embeddings } from '@metric-learning/contracts'
import type { AccuracyCalculator } from '@metric-learning/evaluation'
import { writeWhole } from '@metric-learning/page'
import type { Experiment, ResolvedConfiguration } from '../configuration/read-configuration.js'
import type { LoadedData } from '../registry/data-sets.js'
import { Registry, type PartSpec } from '../registry/registry.js'
import { drawn } from '../search/ranges.js'
import { searchMethod } from '../search/search-method.js'
import { createTrainer } from '../training/create-trainer.js'
import { isPretrained } from '../training/make-trunk.js'
import { circumstances } from './circumstances.js'
import { foldsOf, splitData, type Folds, type TrainedSplit } from './data-splits.js'
import { inExperimentFolder, type ExperimentKind } from './experiment-folder.js'
import { fingerprint } from './fingerprint.js'
import { calculatorOf, embedByTrunk, joined, judge, judgeTrunk } from './judge-trunk.js'
import { readJson } from './read-json.js'
import { BASELINES, writeResults, type ExperimentResults, type ResultRow } from './results.js'
import { RunWorkers } from './run-workers.js'
import { isDone, runSeedOf, testedSplits, trainRun, withMethod, type PlannedRun, type RunContext, type RunResult } from './train-run.js'

/** Where an experiment goes, and who is told of it. */
export interface ExperimentOptions {
  readonly kind: ExperimentKind
  readonly folder: string
  readonly say: (line: string) => void
  /** What it is begun by, such as `npm run benchmark -- --set glyphs`: it is saved with the experiment and stands in its report. Default: node, its program and its arguments. */
  readonly command?: string
  /** Runs that are trained at the same time, each in a process of its own with its share of the threads. Searches go on one by one. Default 1: in this process. */
  readonly jobs?: number
}

/** An experiment under way. */
interface Work extends Experiment {
  readonly folder: string
  readonly context: RunContext
  readonly calculator: AccuracyCalculator<string>
  readonly jobs: number
}

/**
 * Does all of an experiment that is not done yet: a `run` trains each method with each seed on one split; a `sweep` looks for values of ranges
 * on validation folds, trains each method with each seed on each fold, and judges the test set, fold by fold and joined. Trunks before
 * training are judged beside them.
 *
 * @returns all results, which are in `results.jsonl` and `metrics.json` of the folder then
 * @throws {Stopped} when the process was asked to stop.
 * @throws {MetricLearningError} when a part refuses its options, before anything is trained; when another process works in the folder, it has
 * another experiment or had other data, or something can't be read or written.
 */
export async function runExperiment(experiment: Experiment, { kind, folder, say, command, jobs = 1 }: ExperimentOptions): Promise<ExperimentResults> {
  const { configuration, registry } = experiment
  expectNumber('experiment', 'jobs', jobs, { min: 1, integer: true })
  expectKind(configuration, kind)
  const backend = await useBackend(configuration.backend, { log: say })
  const about = circumstances(backend, command)
  return inExperimentFolder(folder, { kind, configuration, ...about }, say, async (begin) => {
    const data = await loadData(experiment, say)
    const work: Work = {
      ...experiment,
      folder,
      jobs,
      calculator: calculatorOf(configuration, registry),
      context: { registry, circumstances: about, say, writesTensorBoard: configuration.tensorBoard ?? kind === 'run' },
    }
    const folds = kind === 'sweep' ? foldsOf(data, configuration.protocol!) : undefined
    const split = folds ? folds.folds[0]! : splitData(data, configuration.split)
    await expectTrainers(work, split)
    await begin(fingerprint(data))
    const results = folds ? { rows: await sweep(work, folds), metrics: work.calculator.descriptions } : await runAll(work, split)
    await writeResults(folder, results)
    return results
  })
}

/** The data of an experiment. @throws {OptionError} when a part of one's own gives no data sets. */
export async function loadData({ configuration, registry }: Experiment, say: (line: string) => void): Promise<LoadedData> {
  const [name] = Registry.split(configuration.data as PartSpec)
  say(`Reading ${name} …`)
  const data = await registry.build<LoadedData | Promise<LoadedData>>('dataSets', configuration.data as PartSpec, 'data')
  // One's own may give anything.
  const given = (data as LoadedData | undefined) ?? ({} as Partial<LoadedData>)
  for (const side of ['train', 'test', 'references'] as const) {
    if (side === 'train' || given[side] !== undefined) expectMethods(name, side, given[side], ['load'], "await quickDraw({ split: 'train' })")
  }
  return data
}

function expectKind({ protocol }: ResolvedConfiguration, kind: ExperimentKind): void {
  if ((protocol !== undefined) === (kind === 'sweep')) return
  throw kind === 'sweep'
    ? new OptionError({ who: 'sweep', wanted: 'a configuration with `protocol`', got: 'one without', fix: 'Add protocol: { folds: 4 }, or take `metric-learning run`.' })
    : new OptionError({ who: 'run', wanted: 'a configuration without `protocol`', got: 'one with', fix: 'Take `metric-learning sweep`, or leave `protocol` out.' })
}

async function runAll(work: Work, split: TrainedSplit): Promise<ExperimentResults> {
  const { configuration, folder, registry, calculator } = work
  const { methods, seeds } = configuration
  const rows: ResultRow[] = []
  let metrics: ExperimentResults['metrics'] = calculator.descriptions
  for (const seed of seeds) rows.push(await baseline(folder, `untrained-${seed}`, async () => ({ method: BASELINES.untrained, seed, ...(await judgeTrunk(configuration, registry, split, { seed })) }), 'run'))
  rows.push(...(await pretrained(work, ['run'], () => judgeTrunk(configuration, registry, split, 'weights'))))
  const runs = seeds.flatMap((seed) =>
    Object.entries(methods).map(([name, method]): PlannedRun => ({ folder: join(folder, 'runs', name, `seed-${seed}`), method: name, seed, runSeed: seed, configuration: withMethod(configuration, name, method, seed) })),
  )
  await trainEach(work, runs, () => split, (result) => {
    rows.push(rowOf(result, 'run'))
    metrics = { ...metrics, ...result.descriptions }
    return Promise.resolve()
  })
  return { rows, metrics }
}

async function sweep(work: Work, { folds, test }: Folds): Promise<readonly ResultRow[]> {
  const { configuration, folder, context, registry, calculator } = work
  const { methods, seeds, protocol } = configuration
  const { search } = protocol!
  const rows: ResultRow[] = []
  const judged = (embeddings: Embeddings) => judge(calculator, { embeddings, labels: test.labels })
  for (const seed of seeds) {
    // Once, where neither fold by fold nor joined it was judged before.
    const embedded = folds.map(() => undefined as Promise<Embeddings> | undefined)
    const embeddedBy = (fold: number) => (embedded[fold] ??= embedByTrunk(configuration, registry, test, { seed: runSeedOf(seed, fold) }))
    for (const fold of folds.keys()) rows.push(await baseline(folder, `untrained-${seed}-fold-${fold}`, async () => ({ method: BASELINES.untrained, seed, fold, ...(await judged(await embeddedBy(fold))) }), 'apart'))
    const together = async () => joined(await Promise.all([...folds.keys()].map(embeddedBy)))
    rows.push(await baseline(folder, `untrained-${seed}-joined`, async () => ({ method: BASELINES.untrained, seed, ...(await judged(await together())) }), 'joined'))
  }
  rows.push(...(await pretrained(work, ['apart', 'joined'], async () => judged(await embedByTrunk(configuration, registry, test, 'weights')))))
  const found = new Map<string, ResolvedConfiguration['methods'][string]>()
  for (const [name, method] of Object.entries(methods)) {
    found.set(name, search ? await searchMethod({ name, configuration, search, folds, folder: join(folder, 'search', name), context }) : method)
  }
  const runs = seeds.flatMap((seed) =>
    [...found].flatMap(([name, method]) =>
      folds.map((_, fold): PlannedRun => ({ folder: join(folder, 'runs', name, `seed-${seed}`, `fold-${fold}`), method: name, seed, fold, runSeed: runSeedOf(seed, fold), configuration: withMethod(configuration, name, method, seed) })),
    ),
  )
  let repeat: RunResult[] = []
  await trainEach({ ...work, context: { ...context, test } }, runs, ({ fold }) => folds[fold!]!, async (result, run) => {
    repeat.push(result)
    if (repeat.length < folds.length) return
    rows.push(...(await judgeFolds(repeat, { place: dirname(run.folder), test, calculator })))
    repeat = []
  })
  return rows
}

/** Trains runs, here or in processes of their own, and tells what came of each, in their order. */
async function trainEach({ configuration, context, jobs }: Work, runs: readonly PlannedRun[], splitOf: (run: PlannedRun) => TrainedSplit, tell: (result: RunResult, run: PlannedRun) => Promise<void>): Promise<void> {
  const left = runs.filter((run) => !isDone(run))
  const workers = jobs > 1 && left.length > 1 ? new RunWorkers(Math.min(jobs, left.length), { configuration, circumstances: context.circumstances, writesTensorBoard: context.writesTensorBoard }, context.say) : undefined
  try {
    const ahead = new Map(left.map((run) => [run, workers?.train(run)]))
    for (const [i, run] of runs.entries()) await tell(await (ahead.get(run) ?? trainRun(run, splitOf(run), { ...context, runsAfter: runs.length - 1 - i })), run)
  } finally {
    await workers?.end()
  }
}

/** The test set by the network of each fold, and by all of them. What was judged before is taken as it was, unless a fold was trained again since. */
async function judgeFolds(results: readonly RunResult[], { place, test, calculator }: { readonly place: string; readonly test: Dataset; readonly calculator: AccuracyCalculator<string> }): Promise<readonly ResultRow[]> {
  const file = join(place, 'test.json')
  const before = existsSync(file) ? readJson<readonly ResultRow[]>(file) : []
  // No two trainings take the same time.
  if (results.every(({ fold, trainingSeconds }) => before.some((row) => row.view === 'apart' && row.fold === fold && row.trainingSeconds === trainingSeconds))) return before
  const embeddings: Embeddings[] = []
  const rows: ResultRow[] = []
  for (const { missing: _, ...result } of results) {
    if (result.status === 'broken') {
      rows.push({ ...rowOf(result, 'apart'), metrics: {} })
      continue
    }
    const bytes = readFileSync(join(place, `fold-${result.fold}`, 'test-embeddings.bin'))
    const own = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    embeddings.push({ embeddings: own, dim: own.length / test.labels.length })
    rows.push({ ...rowOf(result, 'apart'), ...(await judge(calculator, { embeddings: embeddings.at(-1)!, labels: test.labels })) })
  }
  const [{ method, seed }] = results as [RunResult]
  const isWhole = embeddings.length === results.length
  rows.push({
    method,
    seed,
    view: 'joined',
    ...(isWhole ? await judge(calculator, { embeddings: joined(embeddings), labels: test.labels }) : { metrics: {} }),
    trainingSeconds: results.reduce((sum, { trainingSeconds }) => sum + trainingSeconds, 0),
    ...(!isWhole && { note: `${results.length - embeddings.length} of ${results.length} folds broke.` }),
  })
  await writeWhole('experiment', file, JSON.stringify(rows))
  return rows
}

/** A trunk before training; judged once. */
async function baseline(folder: string, name: string, work: () => Promise<Omit<ResultRow, 'view'>>, view: ResultRow['view']): Promise<ResultRow> {
  const file = join(folder, 'baselines', `${name}.json`)
  if (existsSync(file)) return readJson(file)
  const row = { ...(await work()), isBaseline: true, view }
  await writeWhole('experiment', file, JSON.stringify(row))
  return row
}

async function pretrained({ configuration, folder }: Work, views: readonly ResultRow['view'][], judged: () => Promise<Pick<ResultRow, 'metrics' | 'note'>>): Promise<readonly ResultRow[]> {
  const seed = configuration.seeds[0]!
  if (!isPretrained(configuration)) return views.map((view) => ({ method: BASELINES.pretrained, isBaseline: true, seed, view, metrics: {}, note: 'Its weights are drawn.' }))
  const row = await baseline(folder, 'pretrained', async () => ({ method: BASELINES.pretrained, seed, ...(await judged()) }), views[0]!)
  return views.map((view) => ({ ...row, view }))
}

/** The line of `results.jsonl` that a run comes to. */
export const rowOf = ({ method, seed, fold, metrics, epoch, trainingSeconds, peakMemory, reason, missing }: RunResult, view: ResultRow['view']): ResultRow => ({
  method,
  seed,
  ...(fold !== undefined && { fold }),
  view,
  metrics,
  epoch,
  trainingSeconds,
  ...(peakMemory !== undefined && { peakMemory }),
  ...(missing !== undefined && { note: `${placeOf({ seed, fold })}: ${missing}` }),
  ...(reason !== undefined && { note: `${placeOf({ seed, fold })} broke: ${reason.split('. ')[0]!}.` }),
})

const placeOf = ({ seed, fold }: { readonly seed: number; readonly fold: number | undefined }): string => `seed ${seed}${fold === undefined ? '' : `, fold ${fold}`}`

/** Makes the trainer of each method once, so that what a part refuses is said before hours of training, not after. */
async function expectTrainers({ configuration, registry }: Work, split: TrainedSplit): Promise<void> {
  const { search } = configuration.protocol ?? {}
  for (const [name, method] of Object.entries(configuration.methods)) {
    const tried = { ...configuration, methods: { [name]: drawn(method, { seed: search?.seed ?? 0, name, trial: 0 }).method } }
    const created = await createTrainer(tried, name, { registry, train: split.train, splits: testedSplits(split), seed: 0 })
    await created.dispose()
  }
}
