import type { LabelColumn } from '@metric-learning/contracts'

/**
 * The entries of some rows in each label column, in the order of the rows; numbers, names and comparisons stay. For data sets that are made of rows of
 * another one.
 */
export function columnsOfRows(columns: Readonly<Record<string, LabelColumn>>, rows: readonly number[]): Record<string, LabelColumn> {
  const ofRows = (column: LabelColumn): LabelColumn =>
    'labels' in column
      ? { ...column, labels: Int32Array.from(rows, (row) => column.labels[row]!) }
      : { ...column, labelRows: rows.map((row) => column.labelRows[row]!) }
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, ofRows(column)]))
}
