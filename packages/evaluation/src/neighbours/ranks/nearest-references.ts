import { BestScore } from './best-score.js'
import { exactOrder } from './exact-order.js'
import { ScoreSorter } from './score-sorter.js'
import { windowAt, type AllReferences, type LeadingReferences } from '../scored/tile-scorer.js'

/** References with their exact scores, nearest first. */
export interface NearestReferences {
  readonly rows: Int32Array
  readonly scores: Float64Array
}

/** Up to this many, comparing is as fast. */
const FEW = 256

/** Finds nearest references in memory that is used again. */
export class NearestReferencesFinder {
  readonly #best = new BestScore()
  readonly #sorter = new ScoreSorter()

  /** The k nearest references, fewer where a query may find fewer. All that may be among them are decided exactly. */
  find(query: AllReferences | LeadingReferences, k: number): NearestReferences {
    const candidates = 'rows' in query ? query.rows : this.#candidatesAmong(query, k)
    const { rows, scores } = candidates.length > FEW ? this.#sorted(candidates, query.trust.exact) : exactOrder(candidates, query.trust.exact)
    return { rows: rows.subarray(0, k), scores: scores.subarray(0, k) }
  }

  /** As {@link exactOrder}, in time proportional to the rows: by scores as float32, and where these are equal by the scores themselves. */
  #sorted(candidates: Int32Array, exact: (row: number) => number): NearestReferences {
    const count = candidates.length
    const [scores, rounded, order] = [new Float64Array(count), new Float32Array(count), new Int32Array(count)]
    for (let i = 0; i < count; i++) {
      order[i] = i
      rounded[i] = scores[i] = exact(candidates[i]!)
    }
    this.#sorter.sort(order, rounded)
    for (let begin = 0, end = 1; begin < count; begin = end++) {
      while (end < count && rounded[end] === rounded[begin]) end++
      if (end - begin > 1) order.subarray(begin, end).sort((a, b) => scores[b]! - scores[a]! || candidates[a]! - candidates[b]!)
    }
    const sorted = { rows: new Int32Array(count), scores: new Float64Array(count) }
    for (let i = 0; i < count; i++) {
      sorted.rows[i] = candidates[order[i]!]!
      sorted.scores[i] = scores[order[i]!]!
    }
    return sorted
  }

  #candidatesAmong(query: AllReferences, k: number): Int32Array {
    const { scores, trust, itself, excluded } = query
    const best = k < scores.length ? this.#best.of(query, k) : -Infinity
    const lowest = best - windowAt(best, trust)
    const candidates = new Int32Array(scores.length)
    let count = 0
    for (let row = 0; row < scores.length; row++) {
      if (scores[row]! >= lowest && row !== itself && !excluded?.[row]) candidates[count++] = row
    }
    return candidates.subarray(0, count)
  }
}
