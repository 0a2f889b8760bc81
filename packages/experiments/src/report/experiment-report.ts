import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { DataError, isMetricLearningError, OptionError, type Dataset } from '@metric-learning/contracts'
import { samplePng } from '@metric-learning/datasets'
import type { HtmlPart } from '@metric-learning/page'
import { readSavedRuns, writeReport, type RunRecord } from '@metric-learning/report'
import { checkedExperiment } from '../configuration/read-configuration.js'
import { foldsOf, splitData } from '../run/data-splits.js'
import { savedExperiment, type SavedExperiment } from '../run/experiment-folder.js'
import { readResults, type ExperimentResults } from '../run/results.js'
import { loadData } from '../run/run-experiment.js'
import { finishedResult } from '../run/train-run.js'
import { summaries } from '../statistics/summary.js'
import { resultsSections, RESULTS_STYLE, summaryInWords } from './results-sections.js'
import { contextOf } from './write-tables.js'

/** Told what an experiment's page is to be. */
export interface ExperimentReportOptions {
  /** Path of the page. */
  readonly output: string
  /** Its heading. Default: the names of the experiments. */
  readonly title?: string
  /** What is drawn for pictures follows from it. */
  readonly seed: number
  readonly say: (line: string) => void
}

/** An experiment whose folder was named. */
interface Reported {
  readonly folder: string
  readonly saved: SavedExperiment
  readonly results: ExperimentResults
}

/**
 * Writes one page of experiments, whether they have ended or not: tables with intervals and plots of them, curves by method with bands over
 * seeds and folds, projections, distances and a gallery of the first run of each method.
 *
 * @returns its path
 * @throws {OptionError} when a folder is none of an experiment. @throws {DataError} when one has no result yet.
 */
export async function writeExperimentReport(folders: readonly string[], { output, title, seed, say }: ExperimentReportOptions): Promise<string> {
  const reported = folders.map((folder): Reported => {
    const saved = savedExperiment(folder)
    if (!saved) throw new OptionError({ who: 'report', wanted: 'folders of experiments: with experiment.json', got: folder, fix: 'Name what `metric-learning run` or `sweep` wrote, such as runs/<name>.' })
    return { folder, saved, results: readResults(folder) ?? resultsSoFar(folder, saved) }
  })
  const several = reported.length > 1
  const runs: RunRecord[] = []
  const sections: HtmlPart[] = []
  const words: string[] = []
  for (const { folder, saved, results } of reported) {
    const { name, metric } = saved.configuration
    if (results.rows.length === 0) throw new DataError({ who: 'report', wanted: 'an experiment with a run that has ended', got: `none in ${folder}`, fix: `Go on with it: metric-learning run ${folder}.` })
    const found = summaries(results)
    sections.push(await resultsSections(found, metric, contextOf(saved.configuration)))
    words.push(`${several ? `${name}: ` : ''}${summaryInWords(found, metric)}`)
    const { runs: read, leftOut } = readSavedRuns([join(folder, 'runs')])
    for (const { parts } of leftOut) say(`Left out: ${parts.where}, which is not the record of a run: ${parts.got}`)
    // In the order of the configuration, as in the tables; folders come by their names.
    const order = Object.keys(saved.configuration.methods)
    const records = read.map(({ record }) => record).sort((a, b) => order.indexOf(a.method ?? '') - order.indexOf(b.method ?? ''))
    runs.push(...records.map((record) => (several ? { ...record, name: `${name}: ${record.name}`, method: `${name}: ${record.method ?? record.name}` } : record)))
  }
  // Neighbours of some thousand embeddings: what needs no set-up is fast enough.
  await useBackend('wasm', { log: () => undefined })
  const judged = several ? undefined : await judgedSet(reported[0]!, say)
  say('Drawing the report …')
  const [{ saved }] = reported as [Reported]
  await writeReport(output, {
    title: title ?? reported.map((one) => one.saved.configuration.name).join(', '),
    runs,
    results: sections,
    summary: words.join(' '),
    style: RESULTS_STYLE,
    ...(judged && { images: (row: number) => samplePng(judged, row, {}) }),
    configuration: settingsOf(saved),
    versions: { ...saved.versions, machine: saved.machine, ...(saved.revision !== undefined && { revision: saved.revision }) },
    command: saved.command,
    seed,
  })
  return output
}

/** What has come of the runs of an experiment that has not ended. */
function resultsSoFar(folder: string, { configuration: { methods, seeds, protocol } }: SavedExperiment): ExperimentResults {
  const finished = seeds.flatMap((seed) =>
    Object.keys(methods).flatMap((method) => {
      const place = join(folder, 'runs', method, `seed-${seed}`)
      // A test set is judged when all folds of a repeat are there: it has no numbers before.
      const result = protocol || !existsSync(place) ? undefined : finishedResult(place)
      return result ? [result] : []
    }),
  )
  return {
    rows: finished.map(({ method, seed, metrics, trainingSeconds }) => ({ method, seed, view: 'run' as const, metrics, trainingSeconds })),
    metrics: Object.assign({}, ...finished.map(({ descriptions = {} }) => descriptions)) as ExperimentResults['metrics'],
  }
}

/** What the first runs were judged on, for pictures; nothing where it can't be read any more. */
async function judgedSet({ folder, saved: { configuration: saved } }: Reported, say: (line: string) => void): Promise<Dataset | undefined> {
  try {
    const experiment = await checkedExperiment(saved, { who: join(folder, 'experiment.json'), folder })
    const data = await loadData(experiment, say)
    return saved.protocol ? foldsOf(data, saved.protocol).folds[0]!.judged : splitData(data, saved.split).judged
  } catch (error) {
    if (!isMetricLearningError(error)) throw error
    say(`No gallery: ${error.message}`)
    return undefined
  }
}

const settingsOf = ({ configuration: { data, trunk, weights, embedder, sampler, epochs, seeds, protocol } }: SavedExperiment) => {
  const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value).replaceAll('"', ''))
  return {
    data: shown(data),
    trunk: shown(trunk),
    ...(weights !== undefined && { weights }),
    ...(embedder && { embedder: shown(embedder) }),
    sampler: shown(sampler),
    epochs,
    seeds: seeds.join(', '),
    ...(protocol && { protocol: shown(protocol) }),
  }
}
