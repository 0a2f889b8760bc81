/** Bits of the upper half of a float64 that a cell leaves out: 3 of the 20 after the point. */
const LEFT_OUT = 3
const CELLS_A_PAGE = 2 ** 10

/**
 * Counts numbers in cells of 2^-17 of their size: those whose float64 begins with the same 29 bits. Cells are numbered so that larger numbers are in
 * higher ones. Memory goes by how many sizes there are, not by how many numbers.
 */
export class DistanceCounts {
  /** How many were counted. */
  total = 0
  readonly #pages = new Map<number, Float64Array>()
  readonly #view = new DataView(new ArrayBuffer(8))

  add(value: number): void {
    const cell = this.#cellOf(value)
    const page = Math.floor(cell / CELLS_A_PAGE)
    let counts = this.#pages.get(page)
    if (!counts) this.#pages.set(page, (counts = new Float64Array(CELLS_A_PAGE)))
    counts[cell % CELLS_A_PAGE]!++
    this.total++
  }

  /** The cell of the number that comes after `count` others, from the smallest (order 1) or the largest (-1) on; `undefined` where there is none. */
  cellAfter(count: number, order: 1 | -1): number | undefined {
    let seen = 0
    for (const [cell, counted] of this.#cells(order)) {
      seen += counted
      if (seen > count) return cell
    }
    return undefined
  }

  /** How many numbers are in cells before one. */
  countBefore(cell: number, order: 1 | -1): number {
    let seen = 0
    for (const [other, counted] of this.#cells(order)) {
      if (order * (other - cell) >= 0) break
      seen += counted
    }
    return seen
  }

  *#cells(order: 1 | -1): Generator<readonly [cell: number, count: number]> {
    for (const page of [...this.#pages.keys()].sort((a, b) => order * (a - b))) {
      const counts = this.#pages.get(page)!
      for (let i = 0; i < CELLS_A_PAGE; i++) {
        const at = order === 1 ? i : CELLS_A_PAGE - 1 - i
        if (counts[at]! > 0) yield [page * CELLS_A_PAGE + at, counts[at]!]
      }
    }
  }

  #cellOf(value: number): number {
    // -0 is 0.
    this.#view.setFloat64(0, value + 0)
    const word = this.#view.getUint32(0)
    // Ascending where numbers ascend: negative ones are turned round.
    return (word >>> 31 ? ~word >>> 0 : (word | 0x80000000) >>> 0) >>> LEFT_OUT
  }
}
