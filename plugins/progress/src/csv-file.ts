import type { Stateful } from '@metric-learning/contracts'
import type { Plugin } from '@metric-learning/core'
import { LogFile, type LogFileOptions } from './log-file.js'

/**
 * A plugin that writes every scalar of a run as a line `step,tag,value`, under a header of these names. NaN and the infinities
 * are `NaN`, `Infinity` and `-Infinity`; what has no value is empty. See {@link LogFile} for when lines are written, resumed runs and errors.
 *
 * In pandas: `pd.read_csv(file)`, and with a column for each tag `.pivot_table(index='step', columns='tag', values='value')`.
 *
 * @example new Trainer({ ...parts, plugins: [tester, csvFile({ file: 'runs/first/log.csv' })] })
 */
export function csvFile(options: LogFileOptions): Plugin & Stateful {
  return new LogFile(options, {
    name: 'csvFile',
    header: 'step,tag,value\n',
    line: (entry) => {
      if (entry.kind !== 'scalar' && entry.kind !== 'missing') return undefined
      return `${entry.step},${field(entry.tag)},${entry.kind === 'scalar' ? entry.value : ''}\n`
    },
  })
}

/** As RFC 4180 says. */
const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
