import type { Stateful } from '@metric-learning/contracts'
import type { Plugin } from '@metric-learning/core'
import { LogFile, type LogFileOptions } from './log-file.js'

/**
 * A plugin that writes every scalar and text of a run as a line of JSON, as it was logged, and where a number has no value the reason:
 *
 *     {"kind":"scalar","tag":"train/loss","step":20,"value":0.3125}
 *     {"kind":"missing","tag":"val/AMI","step":20,"reason":"All queries are of one class."}
 *
 * What JSON has no number for is a string: `"NaN"`, `"Infinity"`, `"-Infinity"`; `Number(value)` and Python's `float(value)` read
 * all of them. Histograms, images and embedding tables are left out. See {@link LogFile} for when lines are written, resumed
 * runs and errors.
 *
 * @example new Trainer({ ...parts, plugins: [tester, jsonLines({ file: 'runs/first/log.jsonl' })] })
 */
export function jsonLines(options: LogFileOptions): Plugin & Stateful {
  return new LogFile(options, {
    name: 'jsonLines',
    header: '',
    line: (entry) => (entry.kind === 'scalar' || entry.kind === 'missing' || entry.kind === 'text' || entry.kind === 'configuration' ? `${JSON.stringify(entry, numberAsText)}\n` : undefined),
  })
}

const numberAsText = (_: string, value: unknown): unknown => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value)
