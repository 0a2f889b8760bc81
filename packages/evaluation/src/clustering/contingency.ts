import { LabelError, rowsByLabel } from '@metric-learning/contracts'

/** How two labellings of the same n elements meet. */
export interface Contingency {
  readonly total: number
  /** Elements of each class of the first labelling. */
  readonly rowSizes: readonly number[]
  /** Elements of each class of the second one. */
  readonly columnSizes: readonly number[]
  /** The cells that are not empty. */
  readonly cells: readonly { readonly row: number; readonly column: number; readonly count: number }[]
}

/** @throws {LabelError} when the labellings differ in length. */
export function contingency(first: ArrayLike<number>, second: ArrayLike<number>): Contingency {
  if (first.length !== second.length) {
    throw new LabelError({
      who: 'contingency',
      wanted: 'two labels for each element',
      got: `${first.length} and ${second.length}`,
      fix: 'Pass two labellings of the same elements.',
    })
  }
  const rows = numbered(first)
  const columns = numbered(second)
  const cells = new Map<string, { row: number; column: number; count: number }>()
  for (let i = 0; i < first.length; i++) {
    const row = rows.numbers[i]!
    const column = columns.numbers[i]!
    const key = `${row},${column}`
    const cell = cells.get(key)
    if (cell) cell.count++
    else cells.set(key, { row, column, count: 1 })
  }
  return { total: first.length, rowSizes: rows.sizes, columnSizes: columns.sizes, cells: [...cells.values()] }
}

/** The classes of a labelling in the order in which they come: the number of each element's, and their sizes. */
function numbered(labels: ArrayLike<number>): { readonly numbers: Int32Array; readonly sizes: number[] } {
  const classes = [...rowsByLabel(labels).values()]
  const numbers = new Int32Array(labels.length)
  classes.forEach((rows, number) => {
    for (const row of rows) numbers[row] = number
  })
  return { numbers, sizes: classes.map(({ length }) => length) }
}
