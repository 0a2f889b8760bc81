import { LabelError } from '@metric-learning/contracts'

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
  const rows = tally()
  const columns = tally()
  const cells = new Map<string, { row: number; column: number; count: number }>()
  for (let i = 0; i < first.length; i++) {
    const row = rows.add(first[i]!)
    const column = columns.add(second[i]!)
    const key = `${row},${column}`
    const cell = cells.get(key)
    if (cell) cell.count++
    else cells.set(key, { row, column, count: 1 })
  }
  return { total: first.length, rowSizes: rows.sizes, columnSizes: columns.sizes, cells: [...cells.values()] }
}

/** Numbers labels in the order in which they come, and counts them. */
function tally() {
  const numbers = new Map<number, number>()
  const sizes: number[] = []
  return {
    sizes,
    add(label: number): number {
      let number = numbers.get(label)
      if (number === undefined) {
        number = sizes.push(0) - 1
        numbers.set(label, number)
      }
      sizes[number]!++
      return number
    },
  }
}
