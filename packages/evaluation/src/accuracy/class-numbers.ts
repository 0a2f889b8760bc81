import type { LabelRow } from '@metric-learning/contracts'

/** Rows of labels, numbered so that equal rows have equal numbers. */
export interface ClassNumbers {
  /** The distinct rows, in lexicographic order. */
  readonly classes: readonly LabelRow[]
  /** The number of a row, its place in `classes`. */
  numberOf(row: LabelRow): number
}

export function classNumbers(rows: readonly LabelRow[]): ClassNumbers {
  const byKey = new Map(rows.map((row) => [String(row), row]))
  const classes = [...byKey.values()].sort(lexicographically)
  const numbers = new Map(classes.map((row, number) => [String(row), number]))
  return { classes, numberOf: (row) => numbers.get(String(row))! }
}

function lexicographically(a: LabelRow, b: LabelRow): number {
  const at = a.findIndex((value, i) => value !== b[i])
  return at === -1 ? 0 : a[at]! - b[at]!
}
