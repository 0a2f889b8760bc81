/** A row of a matrix and how far it is: Euclidean distance. */
export interface Neighbour {
  readonly row: number
  readonly distance: number
}

/**
 * The `k` rows nearest to `row`, itself left out, nearest first; of equally near ones the earlier row
 * comes first. Exact: every row is looked at.
 *
 * @param values row-major [rows, dim]
 */
export function nearestRows(values: ArrayLike<number>, dim: number, row: number, k: number): Neighbour[] {
  const count = values.length / dim
  const nearest: { row: number; distance: number }[] = []
  for (let other = 0; other < count; other++) {
    if (other === row) continue
    let distance = 0
    for (let i = 0; i < dim; i++) distance += (values[row * dim + i]! - values[other * dim + i]!) ** 2
    if (nearest.length === k && distance >= nearest[k - 1]!.distance) continue
    let place = Math.min(nearest.length, k - 1)
    while (place > 0 && nearest[place - 1]!.distance > distance) {
      nearest[place] = nearest[place - 1]!
      place -= 1
    }
    nearest[place] = { row: other, distance }
  }
  return nearest.map(({ row: found, distance }) => ({ row: found, distance: Math.sqrt(distance) }))
}
