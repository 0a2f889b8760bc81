/** All calls of one type of operation. */
export interface OperationTotal {
  /** TensorFlow's name for it: `Conv2D`. */
  readonly operation: string
  readonly count: number
  /** Milliseconds of all calls. */
  readonly total: number
  /** `total` as a share of all operations' time, 0 to 1. */
  readonly share: number
}

/** Adds up calls by type of operation. */
export class OperationTotals {
  readonly #totals = new Map<string, { count: number; total: number }>()

  add(operation: string, milliseconds: number): void {
    const entry = this.#totals.get(operation) ?? { count: 0, total: 0 }
    entry.count += 1
    entry.total += milliseconds
    this.#totals.set(operation, entry)
  }

  /** Milliseconds of all operations. */
  get milliseconds(): number {
    return [...this.#totals.values()].reduce((sum, { total }) => sum + total, 0)
  }

  /** By time, the longest first. */
  rows(): OperationTotal[] {
    const all = this.milliseconds
    return [...this.#totals]
      .map(([operation, { count, total }]) => ({ operation, count, total, share: all > 0 ? total / all : 0 }))
      .sort((a, b) => b.total - a.total)
  }
}
