import { Random, rowsByLabel } from '@metric-learning/contracts'

/**
 * At most `limit` rows, whole classes at a time, so that what is kept can still be searched for
 * neighbours of the same class. Classes are drawn at random from a fixed seed: equal labels give
 * equal rows. A class larger than what is left is cut. Rows come in ascending order.
 */
export function classSample(labels: Int32Array, limit: number): number[] {
  if (labels.length <= limit) return Array.from(labels.keys())
  const byClass = rowsByLabel(labels)
  const kept: number[] = []
  for (const label of new Random(0).shuffle([...byClass.keys()])) {
    kept.push(...byClass.get(label)!.slice(0, limit - kept.length))
    if (kept.length === limit) break
  }
  return kept.sort((a, b) => a - b)
}
