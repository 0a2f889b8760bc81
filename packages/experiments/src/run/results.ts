import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, type MetricDescription } from '@metric-learning/contracts'
import { writeWhole } from '@metric-learning/page'
import { readJson, readJsonLines } from './read-json.js'

/** One judgement; a line of `results.jsonl`. */
export interface ResultRow {
  readonly method: string
  /** A trunk before training. */
  readonly isBaseline?: boolean
  readonly seed: number
  readonly fold?: number
  /**
   * What was judged: `run`: the split of a run; `apart`: the test set by the network of one fold; `joined`: the test set by those of all folds
   * of a repeat, their embeddings side by side.
   */
  readonly view: 'run' | 'apart' | 'joined'
  readonly metrics: Readonly<Record<string, number>>
  readonly epoch?: number
  readonly trainingSeconds?: number
  readonly peakMemory?: number
  /** Why there are no metrics, or not all. */
  readonly note?: string
}

/** What a trunk before training is called, beside methods. */
export const BASELINES = { untrained: 'untrained trunk', pretrained: 'pretrained trunk' } as const

/** All judgements of an experiment. */
export interface ExperimentResults {
  readonly rows: readonly ResultRow[]
  /** By metric how it is called, and which value is the better one. Metrics without one: by their names, and larger is better. */
  readonly metrics: Readonly<Record<string, MetricDescription>>
}

/** Which metrics are missing, and why; of several reasons the first. */
export function missingNote(reasons: Readonly<Partial<Record<string, string>>>): string | undefined {
  const [first] = Object.values(reasons)
  return first === undefined ? undefined : `no ${Object.keys(reasons).filter((metric) => reasons[metric] === first).join(', ')}: ${first}`
}

const ROWS = 'results.jsonl'
const METRICS = 'metrics.json'

/** Writes all results of an experiment: a line of `results.jsonl` each, and `metrics.json`, which says how their metrics are read. Each whole or not at all. */
export async function writeResults(folder: string, { rows, metrics }: ExperimentResults): Promise<void> {
  await writeWhole('experiment', join(folder, METRICS), `${JSON.stringify(metrics, null, 1)}\n`)
  await writeWhole('experiment', join(folder, ROWS), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
}

/**
 * The results of an experiment; `undefined` before it has ended.
 *
 * @throws {DataError} when a file is not whole, or nothing says how metrics are read, so that the better ones could only be guessed.
 */
export function readResults(folder: string): ExperimentResults | undefined {
  const [rows, metrics] = [join(folder, ROWS), join(folder, METRICS)]
  if (!existsSync(rows)) return undefined
  if (!existsSync(metrics)) {
    throw new DataError({ who: 'experiment', wanted: `${METRICS} beside ${rows}, which says which values are the better ones`, got: 'no such file', fix: `Put it back; or delete ${rows} and go on with the experiment, which writes both: metric-learning run ${folder}.` })
  }
  const again = `Delete ${rows} and go on with the experiment, which writes it again: metric-learning run ${folder}.`
  return { rows: readJsonLines<ResultRow>(rows, again), metrics: readJson<ExperimentResults['metrics']>(metrics, again) }
}
