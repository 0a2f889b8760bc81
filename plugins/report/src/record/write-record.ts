import { writeWhole } from '@metric-learning/page'
import type { RunRecord } from './run-record.js'

/** Writes a record as JSON, whole or not at all. What JSON has no number for is a string: `"NaN"`, `"Infinity"`, `"-Infinity"`. */
export async function writeRecord(file: string, record: RunRecord): Promise<void> {
  await writeWhole('runRecorder', file, JSON.stringify(record, numberAsText))
}

const numberAsText = (_: string, value: unknown): unknown => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value)
