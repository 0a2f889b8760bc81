import type { LabelRow } from './label-comparison.js'

/** Distinct rows of labels, numbered from 0: equal rows have one number. */
export class DistinctRows {
  readonly #numbers = new Map<string, number>()
  readonly #rows: LabelRow[] = []

  /** @param rows numbered in the order in which distinct ones first come. Default: none yet. */
  constructor(rows: Iterable<LabelRow> = []) {
    for (const row of rows) this.numberOf(row)
  }

  /** The distinct rows, by number. */
  get rows(): readonly LabelRow[] {
    return this.#rows
  }

  /** The number of a row; the next free one for a row that is new. */
  numberOf(row: LabelRow): number {
    const key = row.join()
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#rows.push(row) - 1
    this.#numbers.set(key, number)
    return number
  }
}
