/**
 * The positions of equal numbers: for each label the rows that have it, ascending. Labels come in the order in which they
 * are first met.
 */
export function rowsByLabel(labels: ArrayLike<number>): ReadonlyMap<number, readonly number[]> {
  const rows = new Map<number, number[]>()
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!
    const ofLabel = rows.get(label)
    if (ofLabel) ofLabel.push(row)
    else rows.set(label, [row])
  }
  return rows
}
