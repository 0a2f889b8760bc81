import { LabelError, type Labels } from '@metric-learning/contracts'

/**
 * The rows of each class, classes in ascending order.
 *
 * @throws {LabelError} when there are no labels, or one is not an integer.
 */
export function rowsByLabel(who: string, labels: Labels): ReadonlyMap<number, Int32Array> {
  const rows = new Map<number, number[]>()
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!
    if (!Number.isInteger(label)) throw labelError(who, `${String(label)} at position ${row}`)
    const of = rows.get(label)
    if (of) of.push(row)
    else rows.set(label, [row])
  }
  if (rows.size === 0) throw labelError(who, 'an empty list')
  return new Map([...rows].sort(([a], [b]) => a - b).map(([label, of]) => [label, Int32Array.from(of)]))
}

const labelError = (who: string, got: string): LabelError =>
  new LabelError({ who, wanted: '`labels` to be a non-empty list of integers', got, fix: 'Number the classes with integers.' })
