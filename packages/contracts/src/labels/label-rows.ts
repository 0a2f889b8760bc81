import { describeValue } from '../errors/describe-value.js'
import { LabelError } from '../errors/metric-learning-error.js'
import { isLabel } from './label-array.js'
import type { LabelRow } from './label-comparison.js'
import type { Labels } from './label-relations.js'

/**
 * Labels as rows of one width; plain labels become rows of one.
 *
 * @param who in whose name it complains
 * @param what what the labels are called there
 * @throws {LabelError} when there are no rows, a label is no integer of 32 bits, or rows differ in width.
 */
export function toLabelRows(who: string, what: string, labels: Labels | readonly LabelRow[]): LabelRow[] {
  const isList = typeof labels === 'object' && typeof (labels as { length?: unknown } | null)?.length === 'number'
  if (!isList || labels.length === 0) throw wrong(who, what, isList ? 'no row' : describeValue(labels))
  const width = widthOf(labels[0])
  return Array.from<number | LabelRow, LabelRow>(labels, (given, i) => {
    if (width === undefined && isLabel(given)) return [given]
    const row = typeof given === 'object' && given !== null ? Array.from(given) : undefined
    if (!row || row.length === 0 || row.length !== width || !row.every(isLabel)) {
      throw wrong(who, what, `${row ? `[${row.join(', ')}]` : describeValue(given)} in row ${i}`)
    }
    return row
  })
}

/**
 * Checks that rows of labels that are to be compared have as many columns.
 *
 * @param queries the rows, under the name that the caller knows them by, and
 * @param references likewise
 * @throws {LabelError} when their widths differ.
 * @example expectSameWidth('AccuracyCalculator', { queryLabels }, { referenceLabels })
 */
export function expectSameWidth(who: string, queries: NamedRows, references: NamedRows): void {
  const [[query, [queryRow]], [reference, [referenceRow]]] = [onlyEntry(queries), onlyEntry(references)]
  if (queryRow?.length === referenceRow?.length) return
  throw new LabelError({
    who,
    wanted: `\`${reference}\` with ${queryRow?.length} columns, as \`${query}\``,
    got: String(referenceRow?.length),
    fix: 'Give queries and references the same columns of labels.',
  })
}

type NamedRows = Readonly<Record<string, readonly LabelRow[]>>
const onlyEntry = (named: NamedRows) => Object.entries(named)[0]!

/** Columns of a row; `undefined` for a plain label. */
const widthOf = (row: number | LabelRow | undefined): number | undefined => (typeof row === 'object' ? (row as LabelRow | null)?.length : undefined)

const wrong = (who: string, what: string, got: string): LabelError =>
  new LabelError({
    who,
    wanted: `\`${what}\` to be rows of integers of 32 bits, as many in each`,
    got,
    fix: 'Number the classes with integers, and give each sample all columns.',
  })
