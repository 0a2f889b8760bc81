import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '@metric-learning/page'

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
  /** Why there are no metrics. */
  readonly note?: string
}

const FILE = 'results.jsonl'

/** Writes all results of an experiment, whole or not at all. */
export const writeResults = (folder: string, rows: readonly ResultRow[]): Promise<void> => writeWhole('experiment', join(folder, FILE), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))

/** The results of an experiment; `undefined` before it has ended. */
export function readResults(folder: string): readonly ResultRow[] | undefined {
  const file = join(folder, FILE)
  if (!existsSync(file)) return undefined
  return readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as ResultRow)
}
