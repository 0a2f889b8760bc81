import type { Trust } from '../scored/tile-scorer.js'

/** Rows by exact scores, highest first, the lower row first of equals. */
export function exactOrder(rows: Int32Array, exact: (row: number) => number): { readonly rows: Int32Array; readonly scores: Float64Array } {
  const scores = Float64Array.from(rows, exact)
  if (rows.length === 1) return { rows, scores }
  const order = Int32Array.from(rows.keys()).sort((a, b) => scores[b]! - scores[a]! || rows[a]! - rows[b]!)
  return { rows: order.map((i) => rows[i]!), scores: Float64Array.from(order, (i) => scores[i]!) }
}

/** Which references match a query. */
export interface Matching {
  /** The class of each reference. */
  readonly classOf: Int32Array
  /** 1 for each class that matches. */
  readonly isMatch: Uint8Array
}

/**
 * Decides exactly, in place, where matches and others are within each other's window. Among matches alone, or others alone, nothing has
 * to be decided: their ranks are the same in whatever order.
 *
 * @param rows by score, highest first
 * @param scores of each
 * @param depth what begins beyond is left as it is
 * @returns how many references were decided
 */
export function decideNear(rows: Int32Array, scores: Float32Array, trust: Trust, { classOf, isMatch }: Matching, depth: number): number {
  const { base, slope, most, settled } = trust
  const count = scores.length
  let decided = 0
  for (let end = 1; end < count; end++) {
    if (!isNear(end)) continue
    const begin = end - 1
    if (begin >= depth) break
    while (end < count && isNear(end)) end++
    let matches = 0
    for (let at = begin; at < end; at++) matches += isMatch[classOf[rows[at]!]!]!
    if (matches === 0 || matches === end - begin) continue
    decided += end - begin
    if (end - begin === 2) {
      const [first, second] = [rows[begin]!, rows[begin + 1]!]
      const difference = trust.exact(second) - trust.exact(first)
      if (difference > 0 || (difference === 0 && second < first)) [rows[begin], rows[begin + 1]] = [second, first]
    } else rows.set(exactOrder(rows.subarray(begin, end), trust.exact).rows, begin)
  }
  return decided

  /** Whether one is within the window of what stands before it. As windowAt, which takes a third of the time here. */
  function isNear(at: number): boolean {
    const above = scores[at - 1]!
    const score = scores[at]!
    const window = score < settled ? 0 : Math.min(base + slope * Math.abs(score), most)
    // Infinite scores are equal without a difference.
    return above === score || above - score <= window
  }
}
