import { DistinctRows, expectSameWidth, toLabelRows, type LabelComparison, type LabelRow } from '@metric-learning/contracts'

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
 * @throws {LabelError} when there are no rows, a label is no integer of 32 bits, or rows differ in width.
 */
export function agreementOf({ labelRows, refLabelRows, labelComparison = allEqual }: ComparedLabels): Agreement {
  const queryRows = toLabelRows('LabelRelations', 'labelRows', labelRows)
  const referenceRows = refLabelRows ? toLabelRows('LabelRelations', 'refLabelRows', refLabelRows) : queryRows
  expectSameWidth('LabelRelations', { labelRows: queryRows }, { refLabelRows: referenceRows })
  const distinct = new DistinctRows()
  const queries = Int32Array.from(queryRows, (row) => distinct.numberOf(row))
  const references = Int32Array.from(referenceRows, (row) => distinct.numberOf(row))
  const agreements = distinct.rows.map((query) => distinct.rows.map((reference) => labelComparison(query, reference)))
  return { queries, references, agree: (query, reference) => agreements[query]![reference]! }
}
