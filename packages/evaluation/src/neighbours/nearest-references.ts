import { BestScore } from './best-score.js'
import { windowAt, type AllReferences, type LeadingReferences } from './tile-scorer.js'

/** References with their exact scores, nearest first. */
export interface NearestReferences {
  readonly rows: Int32Array
  readonly scores: Float64Array
}

/** The k nearest references, fewer where a query may find fewer. All that may be among them are decided exactly. */
export function nearestReferences(query: AllReferences | LeadingReferences, k: number): NearestReferences {
  const { exact } = query.trust
  const candidates = 'rows' in query ? query.rows : candidatesAmong(query, k)
  const scores = Float64Array.from(candidates, exact)
  const order = Int32Array.from(candidates.keys()).sort((a, b) => scores[b]! - scores[a]! || candidates[a]! - candidates[b]!).subarray(0, k)
  return { rows: order.map((i) => candidates[i]!), scores: Float64Array.from(order, (i) => scores[i]!) }
}

function candidatesAmong(query: AllReferences, k: number): Int32Array {
  const { scores, trust, itself, excluded } = query
  const best = new BestScore().of(query, k)
  const lowest = best - windowAt(best, trust)
  const candidates: number[] = []
  for (let row = 0; row < scores.length; row++) {
    if (scores[row]! >= lowest && row !== itself && !excluded?.[row]) candidates.push(row)
  }
  return Int32Array.from(candidates)
}
