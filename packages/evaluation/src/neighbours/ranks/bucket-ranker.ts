import { BestScore } from './best-score.js'
import { decideNear, type Matching } from './exact-order.js'
import { insertionSort } from './score-sorter.js'
import { windowAt, type AllReferences } from '../scored/tile-scorer.js'

const [FEWEST_BUCKETS, MOST_BUCKETS] = [2 ** 10, 2 ** 17]
/** How much of a bucket a window may take: of wider ones most buckets would be linked. */
const WIDEST_WINDOW = 1 / 4
/** More references than this in linked buckets take long to be sorted by insertion. */
const FULL = 512
/** What is within its window of the edge between two buckets: something above it, something below it. */
const [ABOVE, BELOW] = [1, 2]
const LINKED = ABOVE | BELOW

/**
 * Where matches stand that are many of the k nearest references, without sorting these: they are counted in buckets of equal width,
 * about half as many as references. In a bucket of matches alone, or of others alone, the order changes no rank, so that only those with
 * both are sorted. Buckets are linked, and count as one, where a reference on either side is within its window of the edge.
 *
 * Which references may be among the k nearest is guessed from some of the scores.
 */
export class BucketRanker {
  /** How many references were decided exactly. */
  decided = 0
  readonly #best = new BestScore()
  // Memory that is used again for each query.
  readonly #rows: Int32Array
  readonly #places: Int32Array
  readonly #mixedRows: Int32Array
  readonly #mixedScores: Float32Array
  /** Whether the reference of each rank matches. */
  readonly #flags: Uint8Array
  /** Of each bucket its references; then the rank before the next of them. */
  readonly #totals = new Int32Array(MOST_BUCKETS)
  /** Of each bucket its matches; then where the next of its references goes to be sorted, and -1 where it is not. */
  readonly #matches = new Int32Array(MOST_BUCKETS)
  readonly #edges = new Uint8Array(MOST_BUCKETS)
  /** For each run of buckets that is sorted: the rank before it, and how many references it has. */
  readonly #mixedRuns = new Int32Array(2 * MOST_BUCKETS + 2)

  /** @param size references */
  constructor(size: number) {
    this.#rows = new Int32Array(size + 1)
    this.#places = new Int32Array(size)
    this.#mixedRows = new Int32Array(size)
    this.#mixedScores = new Float32Array(size)
    this.#flags = new Uint8Array(size + 1)
  }

  /**
   * Ranks of the matches among the k nearest references, from 1, ascending, written into `ranks`.
   *
   * @returns how many there are; `undefined` where buckets do not do: the guess misleads, windows are wide, or scores are crowded
   */
  ranks(query: AllReferences, matching: Matching, k: number, ranks: Int32Array): number | undefined {
    const { trust, scores } = query
    const guess = this.#best.ofSome(query, k)
    const lowest = guess.score - windowAt(guess.score, trust)
    const count = this.#pick(query, lowest)
    if (count < k) return undefined
    const buckets = Math.min(MOST_BUCKETS, Math.max(FEWEST_BUCKETS, 2 ** Math.ceil(Math.log2(count / 2))))
    const scale = (buckets - 2) / (guess.highest - lowest)
    const window = scale * Math.min(trust.base + trust.slope * 2 * Math.max(Math.abs(guess.highest), Math.abs(lowest)), trust.most)
    if (!(scale > 0 && scale < Infinity && window <= WIDEST_WINDOW)) return undefined
    const highest = this.#fill(scores, matching, count, { buckets, highest: guess.highest, scale, window })
    if (scale * windowAt(highest, trust) > window) return undefined
    const runs = this.#findRuns(buckets, k)
    if (!runs) return undefined
    this.#collect(scores, matching, count)
    const [rows, mixedScores] = [this.#mixedRows.subarray(0, runs.mixed), this.#mixedScores.subarray(0, runs.mixed)]
    insertionSort(rows, mixedScores)
    this.decided += decideNear(rows, mixedScores, trust, matching, Infinity)
    return this.#write(ranks, rows, matching, runs.count, k)
  }

  /**
   * Collects rows whose score is not below the lowest, or lower by one float32 number at most, and gives how many there are. Numbers are
   * compared by their bits, for nobody could foresee which way a branch would go.
   */
  #pick({ scores, itself, excluded }: AllReferences, lowest: number): number {
    const rows = this.#rows
    const bits = new Int32Array(scores.buffer, scores.byteOffset, scores.length)
    // Half the bits of a number, ascending where numbers ascend, so that no difference overflows.
    const [word] = new Int32Array(Float32Array.of(lowest).buffer)
    const least = ((word! ^ ((word! >> 31) & 0x7fffffff)) >> 1) - 1
    let count = 0
    for (let row = 0; row < bits.length; row++) {
      const one = bits[row]!
      rows[count] = row
      count += (least - ((one ^ ((one >> 31) & 0x7fffffff)) >> 1)) >>> 31
    }
    if (itself === -1 && !excluded) return count
    let kept = 0
    for (let i = 0; i < count; i++) {
      const row = (rows[kept] = rows[i]!)
      kept += row === itself || excluded?.[row] ? 0 : 1
    }
    return kept
  }

  /** Counts the rows that were picked, and gives the highest score. */
  #fill(scores: Float32Array, { classOf, isMatch }: Matching, count: number, { buckets, highest, scale, window }: Buckets): number {
    const [rows, places, totals, matches, edges] = [this.#rows, this.#places, this.#totals, this.#matches, this.#edges]
    totals.fill(0, 0, buckets)
    matches.fill(0, 0, buckets)
    edges.fill(0, 0, buckets)
    const within = 1 - window
    let top = highest
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      const score = scores[row]!
      // The highest is that of some; what is above it goes into the first bucket.
      const place = (highest - score) * scale
      const bucket = place > 0 ? place | 0 : 0
      if (score > top) top = score
      places[i] = bucket
      totals[bucket]!++
      matches[bucket]! += isMatch[classOf[row]!]!
      const beyond = place - bucket
      if (beyond >= within) edges[bucket]! |= ABOVE
      else if (beyond <= window && bucket > 0) edges[bucket - 1]! |= BELOW
    }
    return top
  }

  /** Finds the runs of linked buckets that have to be sorted; `undefined` where the k-th is too near the lowest, or one is too full. */
  #findRuns(buckets: number, k: number): { readonly count: number; readonly mixed: number } | undefined {
    const [totals, matches, edges, runs] = [this.#totals, this.#matches, this.#edges, this.#mixedRuns]
    let count = 0
    let mixed = 0
    let before = 0
    let fullest = 0
    let reached = 0
    for (let bucket = 0; bucket < buckets; bucket++) {
      const begin = bucket
      let total = totals[bucket]!
      let matched = matches[bucket]!
      while (edges[bucket] === LINKED) {
        bucket++
        total += totals[bucket]!
        matched += matches[bucket]!
      }
      // 1 where there are matches and others, without a branch.
      const isMixed = (-matched & (matched - total)) >>> 31
      runs[2 * count] = before
      runs[2 * count + 1] = total
      count += isMixed
      if (total * isMixed > fullest) fullest = total
      let rank = before
      let place = mixed
      for (let one = begin; one <= bucket; one++) {
        const size = totals[one]!
        totals[one] = rank
        matches[one] = (place & -isMixed) | (isMixed - 1)
        rank += size
        place += size
      }
      reached = before < k ? bucket : reached
      before += total
      mixed += total & -isMixed
    }
    // All that the k-th may have to be told from is above the lowest.
    return fullest > FULL || reached + 2 > buckets - 2 ? undefined : { count, mixed }
  }

  /** Brings together what is sorted, bucket by bucket, and says of all else whether it matches. */
  #collect(scores: Float32Array, { classOf, isMatch }: Matching, count: number): void {
    const [rows, places, flags, mixedRows, mixedScores] = [this.#rows, this.#places, this.#flags, this.#mixedRows, this.#mixedScores]
    const [ranks, next] = [this.#totals, this.#matches]
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      const place = places[i]!
      const at = next[place]!
      if (at === -1) flags[++ranks[place]!] = isMatch[classOf[row]!]!
      else {
        next[place] = at + 1
        mixedRows[at] = row
        mixedScores[at] = scores[row]!
      }
    }
  }

  #write(ranks: Int32Array, sorted: Int32Array, { classOf, isMatch }: Matching, runCount: number, k: number): number {
    const [runs, flags] = [this.#mixedRuns, this.#flags]
    for (let run = 0, at = 0; run < 2 * runCount; run += 2) {
      for (let rank = runs[run]! + 1, end = rank + runs[run + 1]!; rank < end; rank++) flags[rank] = isMatch[classOf[sorted[at++]!]!]!
    }
    let count = 0
    for (let rank = 1; rank <= k; rank++) {
      ranks[count] = rank
      count += flags[rank]!
    }
    return count
  }
}

/** How scores are counted: the first bucket begins at the highest. */
interface Buckets {
  readonly buckets: number
  readonly highest: number
  /** Buckets per unit of score. */
  readonly scale: number
  /** The widest window, in buckets. */
  readonly window: number
}
