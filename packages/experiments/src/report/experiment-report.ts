import { existsSync, readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { DataError, isMetricLearningError, OptionError, type Dataset } from '@metric-learning/contracts'
import { samplePng } from '@metric-learning/datasets'
import type { HtmlPart } from '@metric-learning/page'
import { readSavedRuns, writeReport, type RunRecord } from '@metric-learning/report'
import { checkedExperiment } from '../configuration/read-configuration.js'
import { foldsOf, splitData } from '../run/data-splits.js'
import { isOtherData, savedExperiment, type SavedExperiment } from '../run/experiment-folder.js'
import { fingerprint } from '../run/fingerprint.js'
import { readJson } from '../run/read-json.js'
import { readResults, type ExperimentResults, type ResultRow } from '../run/results.js'
import { loadData, rowOf } from '../run/run-experiment.js'
import { finishedResult } from '../run/train-run.js'
import { summaries } from '../statistics/summary.js'
import { resultsSections, RESULTS_STYLE, summaryInWords } from './results-sections.js'
import { contextOf } from './write-tables.js'

/** Told what an experiment's page is to be. */
export interface ExperimentReportOptions {
  /** Path of the page. */
  readonly output: string
  /** Its heading. Default: the names of the experiments, or of the folders of runs. */
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
 * seeds and folds, projections, distances and a gallery of the first run of each method. Of folders that are of no experiment, the page of
 * the runs that were saved in them, as {@link writeReport} draws it.
 *
 * @returns its path
 * @throws {OptionError} when some folders are of experiments and others are not. @throws {DataError} when one has no result yet, or no saved run.
 */
export async function writeExperimentReport(named: readonly string[], { output, title, seed, say }: ExperimentReportOptions): Promise<string> {
  const folders = named.filter((folder, i) => !named.slice(0, i).some((other) => resolve(other) === resolve(folder)))
  const reported = folders.flatMap((folder): readonly Reported[] => {
    const saved = savedExperiment(folder)
    return saved ? [{ folder, saved, results: readResults(folder) ?? resultsSoFar(folder, saved) }] : []
  })
  if (reported.length === 0) return writeRunReport(folders, { output, ...(title !== undefined && { title }), seed, say })
  if (reported.length < folders.length) {
    const other = folders.find((folder) => !reported.some((one) => one.folder === folder))!
    throw new OptionError({ who: 'report', wanted: 'folders of experiments, all with experiment.json, or of runs, all without', got: `both: ${other} has none`, fix: 'Write a report of each.' })
  }
  const several = reported.length > 1
  const titles = titlesOf(reported)
  const runs: RunRecord[] = []
  const sections: HtmlPart[] = []
  const words: string[] = []
  for (const [i, { folder, saved, results }] of reported.entries()) {
    const { metric } = saved.configuration
    const name = titles[i]!
    if (results.rows.every(({ isBaseline }) => isBaseline)) throw new DataError({ who: 'report', wanted: 'an experiment with a run that has ended', got: `none in ${folder}`, fix: `Go on with it: metric-learning run ${folder}.` })
    const found = summaries(results)
    sections.push(await resultsSections(found, metric, { ...contextOf(saved.configuration), title: name }))
    words.push(`${several ? `${name}: ` : ''}${summaryInWords(found, metric)}`)
    const { runs: read, leftOut } = readSavedRuns(recordsOf(folder, saved.configuration))
    sayLeftOut(leftOut, say)
    const records = read.map(({ record }) => record)
    runs.push(...records.map((record) => (several ? { ...record, name: `${name}: ${record.name}`, method: `${name}: ${record.method ?? record.name}` } : record)))
  }
  // Neighbours of some thousand embeddings: what needs no set-up is fast enough.
  await useBackend('wasm', { log: () => undefined })
  const judged = several ? undefined : await judgedSet(reported[0]!, say)
  say('Drawing the report …')
  const [{ saved }] = reported as [Reported]
  await writeReport(output, {
    title: title ?? titles.join(', '),
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

/** Names of experiments, with their folders where several have one name. */
function titlesOf(reported: readonly Reported[]): readonly string[] {
  const nameOf = ({ saved }: Reported) => saved.configuration.name
  return reported.map((own) => {
    const alike = reported.filter((other) => nameOf(other) === nameOf(own))
    const isTold = new Set(alike.map(({ folder }) => basename(resolve(folder)))).size === alike.length
    return alike.length === 1 ? nameOf(own) : `${nameOf(own)} in ${isTold ? basename(resolve(own.folder)) : own.folder}`
  })
}

/** The page of runs that were saved one by one. */
async function writeRunReport(folders: readonly string[], { output, title, seed, say }: ExperimentReportOptions): Promise<string> {
  const { runs, leftOut } = readSavedRuns(folders)
  sayLeftOut(leftOut, say)
  await useBackend('wasm', { log: () => undefined })
  say('Drawing the report …')
  await writeReport(output, { title: title ?? folders.map((folder) => basename(folder)).join(', '), runs: runs.map(({ record }) => record), seed })
  return output
}

function sayLeftOut(leftOut: readonly DataError[], say: (line: string) => void): void {
  for (const { parts } of leftOut) say(`Left out: ${parts.where}, which is not the record of a run: ${parts.got}`)
}

/** What has come of an experiment that has not ended: trunks before training, runs that have ended, repeats of a sweep whose folds have. */
function resultsSoFar(folder: string, { configuration: { methods, seeds, protocol } }: SavedExperiment): ExperimentResults {
  const rowsIn = <T>(file: string): readonly T[] => (existsSync(file) ? [readJson<T | readonly T[]>(file)].flat() as readonly T[] : [])
  const baselines = join(folder, 'baselines')
  const rows: ResultRow[] = (existsSync(baselines) ? readdirSync(baselines).sort() : []).filter((name) => name.endsWith('.json')).flatMap((name) => rowsIn<ResultRow>(join(baselines, name)))
  let metrics: ExperimentResults['metrics'] = {}
  for (const seed of seeds) {
    for (const method of Object.keys(methods)) {
      const place = join(folder, 'runs', method, `seed-${seed}`)
      const result = finishedResult(protocol ? join(place, 'fold-0') : place)
      metrics = { ...metrics, ...result?.descriptions }
      // A test set is judged when all folds of a repeat are there: it has no numbers before.
      if (protocol) rows.push(...rowsIn<ResultRow>(join(place, 'test.json')))
      else if (result) rows.push(rowOf(result, 'run'))
    }
  }
  return { rows, metrics }
}

/** Records of the runs of an experiment, in the order of its configuration. A run that was done again by itself lies beside them, and is none. */
function recordsOf(folder: string, { methods, seeds, protocol }: SavedExperiment['configuration']): readonly string[] {
  const folds = protocol ? Array.from({ length: protocol.folds ?? 4 }, (_, fold) => `fold-${fold}`) : ['']
  const places = Object.keys(methods).flatMap((method) => seeds.flatMap((seed) => folds.map((fold) => join(folder, 'runs', method, `seed-${seed}`, fold, 'record.json'))))
  return places.filter((place) => existsSync(place))
}

/** What the first runs were judged on, for pictures; nothing where it can't be read any more. */
async function judgedSet({ folder, saved }: Reported, say: (line: string) => void): Promise<Dataset | undefined> {
  const { protocol, split } = saved.configuration
  try {
    const data = await loadData(await checkedExperiment(saved.configuration, { who: join(folder, 'experiment.json'), folder }), say)
    if (!isOtherData(saved, fingerprint(data))) return protocol ? foldsOf(data, protocol).folds[0]!.judged : splitData(data, split).judged
    say('No gallery: the data have other classes or samples than they had.')
  } catch (error) {
    if (!isMetricLearningError(error)) throw error
    say(`No gallery: ${error.message}`)
  }
  return undefined
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
