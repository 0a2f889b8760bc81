import { LabelError } from '../errors/metric-learning-error.js'
import type { LabelComparison, LabelRow } from './label-comparison.js'

/** Labels of several columns, and what makes two of them alike. */
export interface ComparedLabels {
  /** One row of integers a sample, all of one width. */
  readonly labelRows: readonly LabelRow[]
  /** Default: all columns are equal. */
  readonly labelComparison?: LabelComparison
  /** Rows of a reference set. Default: the samples themselves. */
  readonly refLabelRows?: readonly LabelRow[]
  /** True when row i of the references *is* row i of the queries. Default false. */
  readonly sameSet?: boolean
}

/** Numbers that stand for rows, equal rows for equal numbers, and which numbers agree. */
export interface Agreement {
  readonly queries: Int32Array
  readonly references: Int32Array
  /** Whether a query of one number looks for references of another. */
  agree(query: number, reference: number): boolean
}

const allEqual: LabelComparison = (query, reference) => query.every((label, column) => label === reference[column])

/**
 * Each comparison of two distinct rows is made once.
 *
 * @throws {LabelError} when there are no rows, a label is no integer, or rows differ in width.
 */
export function agreementOf({ labelRows, refLabelRows = labelRows, labelComparison = allEqual }: ComparedLabels): Agreement {
  const width = labelRows[0]?.length ?? 0
  expectRows('labelRows', labelRows, width)
  expectRows('refLabelRows', refLabelRows, width)
  const numbers = new Map<string, number>()
  const rows: LabelRow[] = []
  const numberOf = (row: LabelRow): number => {
    const key = row.join()
    if (!numbers.has(key)) numbers.set(key, rows.push(row) - 1)
    return numbers.get(key)!
  }
  const queries = Int32Array.from(labelRows, numberOf)
  const references = Int32Array.from(refLabelRows, numberOf)
  const agreements = rows.map((query) => rows.map((reference) => labelComparison(query, reference)))
  return { queries, references, agree: (query, reference) => agreements[query]![reference]! }
}

function expectRows(what: string, rows: readonly LabelRow[], width: number): void {
  const fault = rows.findIndex((row) => row.length !== width || width === 0 || !row.every(Number.isInteger))
  if (rows.length === 0 || fault !== -1) {
    throw new LabelError({
      who: 'LabelRelations',
      wanted: `\`${what}\` to be rows of integers, as many in each`,
      got: rows.length === 0 ? 'no row' : `[${rows[fault]!.join(', ')}] in row ${fault}`,
      fix: 'Number the classes with integers, and give each sample all columns.',
    })
  }
}
