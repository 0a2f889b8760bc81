import { DistinctRows, type LabelRow } from '@metric-learning/contracts'

/** The distinct rows in lexicographic order: the number of a row is the place of its class among them. */
export function classNumbers(rows: readonly LabelRow[]): DistinctRows {
  return new DistinctRows([...new DistinctRows(rows).rows].sort(lexicographically))
}

/** A row that another one begins with comes before it. */
function lexicographically(a: LabelRow, b: LabelRow): number {
  const at = a.findIndex((value, i) => value !== b[i])
  return at === -1 ? a.length - b.length : a[at]! - (b[at] ?? -Infinity)
}
