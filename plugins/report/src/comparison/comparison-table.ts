import { expectKnownOptions, expectNumber } from '@metric-learning/contracts'
import type { RunRecord } from '../record/run-record.js'
import { compareMethods, formatSpread } from './comparison.js'
import { missingNotes } from './missing-notes.js'
import { hasRepeats, methodsOf } from './method.js'
import { stopNotes, trainingFacts } from './training-facts.js'

export interface ComparisonTableOptions {
  /** Best values in bold by ANSI escapes; without, they carry a `*`. Default false. */
  readonly colour?: boolean
  /** Which split's metrics. Default the one whose embeddings were kept, or else the first evaluated. */
  readonly split?: string
  /** Characters in a line, such as `process.stdout.columns`: a wider table goes on below, some columns at a time. Default as many as it takes. */
  readonly width?: number
}

/** One cell: its text and whether it stands out. */
interface Cell {
  readonly text: string
  readonly best?: boolean
}

const width = (text: string) => [...text].length

/**
 * The comparison as text for a terminal: a line a metric, a column for the untrained model and for
 * each run or method (mean ± standard deviation over its runs), then what training took. Ends in a line break.
 *
 * @throws {OptionError} when an option is unknown or out of range, there is no run, or names would be mixed up.
 */
export function comparisonTable(runs: readonly RunRecord[], options: ComparisonTableOptions = {}): string {
  expectKnownOptions('comparisonTable', options, ['colour', 'split', 'width'])
  const { colour = false, split, width: room = Infinity } = options
  if (room !== Infinity) expectNumber('comparisonTable', 'width', room, { min: 1 })
  const methods = methodsOf('comparisonTable', runs)
  const comparison = compareMethods(methods, split)
  const { columns, rows } = comparison
  const untrained = columns.length - methods.length
  const header: Cell[] = ['', ...columns.map(({ name }) => name)].map((text) => ({ text }))
  const metrics = rows.map(({ metric, values, best }): Cell[] => [
    { text: metric.label },
    ...values.map((value, i) => ({ text: formatSpread(value), best: best[i]! })),
  ])
  const facts = trainingFacts(methods).map(({ label, values }): Cell[] =>
    [label, ...Array<string>(untrained).fill(''), ...values].map((text) => ({ text })),
  )
  const widths = header.map((_, i) => Math.max(...[header, ...metrics, ...facts].map((line) => width(line[i]!.text))))
  const gap = colour ? 2 : 3
  const part = (columnsOfPart: readonly number[]): string[] => {
    const layout = (line: readonly Cell[]) =>
      columnsOfPart
        .map((i) => align(line[i]!, widths[i]!, i === 0, colour))
        .join('  ')
        .trimEnd()
    const rule = '─'.repeat(columnsOfPart.reduce((sum, i) => sum + widths[i]! + gap, -gap))
    return [layout(header), rule, ...metrics.map(layout), ...(metrics.length > 0 ? [rule] : []), ...facts.map(layout)]
  }
  return [
    ...partsWithin(room, widths.map((own) => own + gap)).flatMap((own, i) => (i === 0 ? part(own) : ['', ...part(own)])),
    ...(colour || !rows.some(({ best }) => best.includes(true)) ? [] : ['* best']),
    ...(hasRepeats(methods) ? ['± standard deviation over runs (n − 1)'] : []),
    ...missingNotes(methods, comparison.split === '' ? [] : [comparison.split]),
    ...stopNotes(runs),
    '',
  ].join('\n')
}

/** Columns in parts that are no wider than there is room, each with the labels first; a column that is too wide has a part of its own. */
function partsWithin(room: number, widths: readonly number[]): number[][] {
  const parts: number[][] = []
  let used = 0
  for (let column = 1; column < widths.length; column++) {
    if (parts.length === 0 || used + widths[column]! > room + 1) {
      parts.push([0])
      used = widths[0]!
    }
    parts.at(-1)!.push(column)
    used += widths[column]!
  }
  return parts
}

function align({ text, best = false }: Cell, length: number, left: boolean, colour: boolean): string {
  const space = ' '.repeat(length - width(text))
  if (left) return colour ? text + space : `${text}${space} `
  if (colour) return space + (best ? `\x1b[1m${text}\x1b[22m` : text)
  return `${space}${text}${best ? '*' : ' '}`
}
