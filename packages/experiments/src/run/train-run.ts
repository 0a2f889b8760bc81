import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bestCheckpoint, checkpoints, exportModel, latestCheckpoint } from '@metric-learning/checkpoints'
import { isMetricLearningError, type Dataset, type MetricDescription } from '@metric-learning/contracts'
import { spritePng } from '@metric-learning/datasets'
import { health } from '@metric-learning/health'
import { embedDataset, normalizeHostRows } from '@metric-learning/inference'
import { loadModule } from '@metric-learning/models'
import { writeWhole } from '@metric-learning/page'
import { jsonLines, progressLine } from '@metric-learning/progress'
import { runRecorder, type RunRecord } from '@metric-learning/report'
import { tensorBoard } from '@metric-learning/tensorboard'
import type { BaseTester, TesterOptions } from '@metric-learning/testers'
import type { MethodConfiguration } from '../configuration/experiment-configuration.js'
import type { ResolvedConfiguration } from '../configuration/read-configuration.js'
import type { Registry } from '../registry/registry.js'
import { createTrainer, type CreatedTrainer } from '../training/create-trainer.js'
import { normalisedFor } from '../training/make-trunk.js'
import type { Circumstances } from './circumstances.js'
import type { TrainedSplit } from './data-splits.js'
import { readJson } from './read-json.js'
import { missingNote } from './results.js'

/** One run of an experiment: one method, one seed, one split. */
export interface PlannedRun {
  /** Where it goes. */
  readonly folder: string
  readonly method: string
  /** Of the experiment, that tells repeats apart. */
  readonly seed: number
  /** Of the run, that everything random follows from. */
  readonly runSeed: number
  readonly fold?: number
  readonly trial?: number
  /** With this method alone. */
  readonly configuration: ResolvedConfiguration
  /** In place of those of the configuration. */
  readonly epochs?: number
}

/** What came of a run; its file is `result.json`. */
export interface RunResult {
  readonly method: string
  readonly seed: number
  readonly fold?: number
  readonly trial?: number
  /** `broken`: its numbers were infinite or NaN. */
  readonly status: 'complete' | 'broken'
  readonly reason?: string
  /** Epochs that were trained. */
  readonly epochs: number
  /** The one that counts. */
  readonly epoch: number
  /** Of the split that is judged, at that epoch; empty of a broken run. */
  readonly metrics: Readonly<Record<string, number>>
  /** Which metrics have no value there, and why; absent where all have one. */
  readonly missing?: string
  /** By metric how it is called, and which value is the better one, as its tester says; absent where none did. */
  readonly descriptions?: Readonly<Record<string, MetricDescription>>
  readonly trainingSeconds: number
  /** Most memory of the process at a look, in bytes. */
  readonly peakMemory?: number
}

/** What all runs of an experiment have in common. */
export interface RunContext {
  readonly registry: Registry
  readonly circumstances: Circumstances
  readonly say: (line: string) => void
  /** Runs that come after this one. */
  readonly runsAfter?: number
  readonly writesTensorBoard: boolean
  /** Embedded by the best weights when the run has ended, normalised as what it trained on, into `test-embeddings.bin`: float32 [samples, dim], rows of norm 1. */
  readonly test?: Dataset
}

/** Name of the split that a run is judged on. */
export const JUDGED = 'heldOut'

/** What the testers of a run are given. */
export const testedSplits = ({ judged, references }: Omit<TrainedSplit, 'train'>): TesterOptions['splits'] =>
  references ? { [JUDGED]: { dataset: judged, references: ['references'] }, references: { dataset: references, query: false } } : { [JUDGED]: judged }

const RESULT = 'result.json'

/** The process was asked to stop, by a signal. */
export class Stopped extends Error {
  constructor(readonly signal: string) {
    super(`stopped by ${signal}`)
  }
}

/** What came of a run that has ended. */
export function finishedResult(folder: string): RunResult | undefined {
  const file = join(folder, RESULT)
  return existsSync(file) ? readJson<RunResult>(file) : undefined
}

const epochsOf = ({ epochs, method, configuration }: PlannedRun): number => epochs ?? configuration.methods[method]!.epochs ?? configuration.epochs

/** Whether a run has ended, with as many epochs as it is to have. */
export function isDone(run: PlannedRun): boolean {
  const earlier = finishedResult(run.folder)
  return earlier !== undefined && (earlier.status === 'broken' || earlier.epochs >= epochsOf(run))
}

/**
 * Trains one run to its end, or goes on with it where it was; one that has ended is not trained again. Its folder has `run.json` (what it
 * is), `log.jsonl` (all that was logged), `record.json` (for reports), `checkpoints`, `best-model`, and last of all `result.json`.
 *
 * @throws {Stopped} when the process was asked to stop: the run goes on the next time.
 * @throws {MetricLearningError} as the trainer and its plugins; a run whose numbers broke is a result.
 */
export async function trainRun(run: PlannedRun, split: TrainedSplit, context: RunContext): Promise<RunResult> {
  const { folder, method, configuration, seed, runSeed, fold, trial } = run
  const { registry, test, say } = context
  const epochs = epochsOf(run)
  const earlier = finishedResult(folder)
  if (earlier && isDone(run)) return earlier
  const place = (name: string) => join(folder, name)
  const identity = { method, seed, ...(fold !== undefined && { fold }), ...(trial !== undefined && { trial }) }
  if (!existsSync(place('run.json'))) await writeWhole('experiment', place('run.json'), JSON.stringify({ ...identity, runSeed, epochs, configuration, ...context.circumstances }, null, 1))

  const title = [method, ...Object.entries(identity).slice(1).map(([name, value]) => `${name} ${value}`)].join(', ')
  const recorder = runRecorder({ name: title, method, file: place('record.json'), result: configuration.protocol ? 'best' : configuration.result })
  let created: CreatedTrainer | undefined
  try {
    created = await createTrainer(configuration, method, {
      registry,
      train: split.train,
      splits: testedSplits(split),
      seed: runSeed,
      plugins: (testers) => [
        recorder,
        jsonLines({ file: place('log.jsonl') }),
        health({ folder: place('health') }),
        progressLine({ label: title, runsAfter: context.runsAfter ?? 0 }),
        ...(context.writesTensorBoard ? [tensorBoard({ folder: place('tensorboard'), sprites: { draw: (dataset, rows, tile) => spritePng(dataset, rows, tile), tile: 32 } })] : []),
        checkpoints({ folder: place('checkpoints'), everyEpochs: 1, ...(configuration.checkpointEverySteps !== undefined && { everySteps: configuration.checkpointEverySteps }), keepBest: bestOf(testers), resume: true, say }),
      ],
    })
    await created.trainer.train({ epochs })
    if (created.trainer.position.epoch < epochs && isSignal(created.trainer.stopReason)) throw new Stopped(created.trainer.stopReason)
    // Where no epoch has a value of the metric, as where all embeddings are one point, the last one stands.
    const model = ((await bestCheckpoint(place('checkpoints'), bestOf(created.testers))) ?? (await latestCheckpoint(place('checkpoints'))))!
    await exportModel(model, place('best-model'))
    if (test) await embedTest(created, place('best-model'), test, place('test-embeddings.bin'))
    return await finish({ ...identity, status: 'complete', ...resultOf(recorder.record, configuration, countingTester(created.testers, configuration)?.name), epochs })
  } catch (error) {
    if (!isMetricLearningError(error) || error.code !== 'ML_NOT_FINITE') throw error
    say(`${title} broke: ${error.message}`)
    const { trainingSeconds, peakMemory } = totalsOf(recorder.record)
    return await finish({ ...identity, status: 'broken', reason: error.message, epochs, epoch: 0, metrics: {}, trainingSeconds, ...(peakMemory !== undefined && { peakMemory }) })
  } finally {
    await created?.dispose()
  }

  function bestOf(testers: CreatedTrainer['testers']) {
    const { metric } = configuration
    const counting = countingTester(testers, configuration)
    // Metrics of the first tester of a split are logged by its name alone.
    const tag = counting && counting !== testers[0] ? `${counting.name}/${JUDGED}/${metric}` : `${JUDGED}/${metric}`
    return { metric: tag, mode: isBetterSmaller(counting?.descriptions, metric) ? 'min' : 'max' } as const
  }

  async function finish(result: RunResult): Promise<RunResult> {
    await writeWhole('experiment', place(RESULT), `${JSON.stringify(result)}\n`)
    return result
  }
}

/** The first tester that has the metric of an experiment. */
export const countingTester = (testers: CreatedTrainer['testers'], { metric }: ResolvedConfiguration): BaseTester | undefined => testers.find(({ descriptions }) => metric in descriptions)

/** Of a run on one fold: networks of folds begin with different weights, those of all methods alike. */
export const runSeedOf = (seed: number, fold: number): number => seed * 1000 + fold

/** An experiment of one method alone, with one seed: what a run is told. */
export const withMethod = (configuration: ResolvedConfiguration, name: string, method: MethodConfiguration, seed: number): ResolvedConfiguration => ({
  ...configuration,
  methods: { [name]: method },
  seeds: [seed],
})

/** Whether smaller values of a metric are better; of one that nobody describes larger ones are. */
export const isBetterSmaller = (descriptions: RunResult['descriptions'], metric: string): boolean => descriptions?.[metric]?.better === 'smaller'

const isSignal = (reason: string | undefined): reason is string => reason === 'SIGINT' || reason === 'SIGTERM'

async function embedTest(created: CreatedTrainer, model: string, test: Dataset, file: string): Promise<void> {
  const { trunk, embedder } = created
  await loadModule(trunk, join(model, 'trunk.safetensors'))
  if (embedder) await loadModule(embedder, join(model, 'embedder.safetensors'))
  const rows = await embedDataset({ trunk, ...(embedder && { embedder }), dataset: normalisedFor(created, test) })
  normalizeHostRows(rows)
  const { buffer, byteOffset, byteLength } = rows.embeddings
  await writeWhole('experiment', file, new Uint8Array(buffer, byteOffset, byteLength))
}

/** The evaluation that counts, of the tester that has the metric, and what it took. Where no epoch has a value of it, the last one counts. */
function resultOf(record: RunRecord, { metric, result, protocol }: ResolvedConfiguration, counting: string | undefined): Pick<RunResult, 'epoch' | 'metrics' | 'missing' | 'descriptions' | 'trainingSeconds' | 'peakMemory'> {
  const judged = record.evaluations.filter(({ epoch, metrics, tester }) => epoch > 0 && metrics[JUDGED] !== undefined && (counting === undefined || tester === counting))
  const sign = isBetterSmaller(record.descriptions, metric) ? -1 : 1
  const valued = judged.filter(({ metrics }) => Number.isFinite(metrics[JUDGED]![metric]))
  const valueOf = ({ metrics }: (typeof judged)[number]) => sign * metrics[JUDGED]![metric]!
  const best = valued.reduce<(typeof judged)[number] | undefined>((best, one) => (best === undefined || valueOf(one) > valueOf(best) ? one : best), undefined)
  const evaluation = result === 'last' && !protocol ? judged.at(-1) : (best ?? judged.at(-1))
  const missing = missingNote(evaluation?.reasons?.[JUDGED] ?? {})
  return { epoch: evaluation?.epoch ?? 0, metrics: evaluation?.metrics[JUDGED] ?? {}, ...(missing !== undefined && { missing }), ...(record.descriptions && { descriptions: record.descriptions }), ...totalsOf(record) }
}

function totalsOf({ epochs, scalars = {} }: RunRecord): Pick<RunResult, 'trainingSeconds' | 'peakMemory'> {
  const memory = (scalars['memory/rss'] ?? []).map(({ value }) => value)
  return { trainingSeconds: epochs.reduce((sum, { seconds }) => sum + seconds, 0), ...(memory.length > 0 && { peakMemory: Math.max(...memory) }) }
}
