import { DataError, expectKnownOptions, expectNumber } from '@metric-learning/contracts'
import { page, writeWhole, type HtmlPart } from '@metric-learning/page'
import { evaluatedSplits } from './comparison/comparison.js'
import { methodsOf, type Method } from './comparison/method.js'
import { summarise } from './comparison/summary.js'
import { embeddingViews } from './embeddings/embedding-view.js'
import type { ImageSource } from './gallery/image-source.js'
import { embeddingsFault } from './record/embeddings-fault.js'
import type { RunRecord } from './record/run-record.js'
import { curvesSection } from './sections/curves-section.js'
import { distancesSection } from './sections/distances-section.js'
import { gallerySection } from './sections/gallery-section.js'
import { projectionSection } from './sections/projection-section.js'
import { resultsSection } from './sections/results-section.js'
import { commandSection, settingsSection, type Settings } from './sections/settings-section.js'

export interface ReportOptions {
  /** Heading of the report. */
  readonly title: string
  /**
   * What is compared: `recorder.record` of each run, in the order of the table. At least one. Runs of one `method` are shown as one, by
   * mean and standard deviation.
   */
  readonly runs: readonly RunRecord[]
  /** Encoded picture of a row of the split whose embeddings were kept. Default none, and no gallery. */
  readonly images?: ImageSource
  /** Sections that stand in place of the table of results, such as one with intervals. Default: that table. */
  readonly results?: HtmlPart
  /** What stands below the heading. Default: which method is best on how many metrics. */
  readonly summary?: string
  /** Further rules for their looks. Default none. */
  readonly style?: string
  /** Options of the experiment. Default none. */
  readonly configuration?: Settings
  /** Versions of what it ran on. Default none. */
  readonly versions?: Settings
  /** The command that makes this report again. Default none. */
  readonly command?: string
  /** Which classes and queries are shown, and the projection, follow from this. Default 0. */
  readonly seed?: number
  /** Classes in colour in the projection, at most 12. Default 10. */
  readonly classes?: number
  /** Queries in the gallery. Default 6. */
  readonly queries?: number
  /** Neighbours of each query. Default 8. */
  readonly neighbours?: number
  /** When it was written. Default now. */
  readonly date?: Date
  /** Told what is being drawn and how much of it is done, from 0 to 1. */
  readonly onProgress?: (what: string, done: number) => void
}

const KNOWN: readonly (keyof ReportOptions)[] = [
  ...(['title', 'runs', 'images', 'results', 'summary', 'style', 'configuration', 'versions', 'command'] as const),
  ...(['seed', 'classes', 'queries', 'neighbours', 'date', 'onProgress'] as const),
]

/**
 * Draws a comparison of runs as one HTML page that needs nothing else: results, curves, a UMAP
 * projection, distances of pairs and a retrieval gallery of the recorded embeddings (of a method those of its first run), the configuration. What was not
 * recorded is left out, so that a run that was cut short has its report too. Neighbours in the embeddings are found on the backend.
 *
 * @throws {BackendError} when embeddings were recorded, and no backend is in use.
 * @throws {OptionError} when an option is unknown or out of range, or names of runs would be mixed up.
 * @throws {DataError} when `images` gives something that is no image, or embeddings of a run do not fit their rows and labels.
 */
export async function renderReport(options: ReportOptions): Promise<string> {
  expectKnownOptions('renderReport', options, KNOWN)
  const { title, runs, images, results, summary, style = '', configuration = {}, versions = {}, command, date = new Date() } = options
  const { seed = 0, classes = 10, queries = 6, neighbours = 8, onProgress = () => undefined } = options
  expectNumber('renderReport', 'seed', seed, { integer: true })
  expectNumber('renderReport', 'classes', classes, { min: 1, max: 12, integer: true })
  expectNumber('renderReport', 'queries', queries, { min: 0, integer: true })
  expectNumber('renderReport', 'neighbours', neighbours, { min: 1, integer: true })
  const methods = methodsOf('renderReport', runs)
  for (const run of runs) expectFittingEmbeddings(run)
  const splits = evaluatedSplits(runs)
  const views = embeddingViews(methods.map(shownRun))
  const projected = (name: string, done: number) => onProgress(`projection of ${name}`, done)
  return page({
    title,
    summary: summary ?? summarise(methods),
    style,
    sections: [
      results ?? resultsSection(methods, splits),
      await curvesSection(methods, splits),
      views && (await projectionSection(views, { seed, classes, onProgress: projected })),
      views && (await distancesSection(views, { seed })),
      views && images && (await gallerySection(views, { seed, queries, neighbours, images })),
      settingsSection(configuration, versions),
      command === undefined ? undefined : commandSection(command),
    ],
    footer: `Written on ${date.toISOString().slice(0, 16).replace('T', ' at ')} UTC.`,
  }).markup
}

/**
 * Writes {@link renderReport} to a file, whole or not at all; folders are made as needed.
 *
 * @throws as renderReport
 * @throws {DataError} when the file can't be written.
 */
export async function writeReport(file: string, options: ReportOptions): Promise<void> {
  await writeWhole('writeReport', file, await renderReport(options))
}

/** The run that stands for a method where only one can be shown: the first with embeddings. */
const shownRun = ({ runs }: Method): RunRecord => runs.find(({ embeddings }) => embeddings?.trained) ?? runs[0]!

function expectFittingEmbeddings({ name, embeddings }: RunRecord): void {
  const fault = embeddings && embeddingsFault(embeddings)
  if (fault === undefined) return
  throw new DataError({
    who: 'renderReport',
    wanted: `the record of "${name}" as \`runRecorder\` makes it`,
    got: fault,
    fix: 'Pass the record unchanged, or leave `embeddings` out of it.',
  })
}
