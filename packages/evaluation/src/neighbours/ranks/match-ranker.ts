import { BestScore } from './best-score.js'
import { BucketRanker } from './bucket-ranker.js'
import { decideNear, exactOrder, type Matching } from './exact-order.js'
import { ScoreSorter } from './score-sorter.js'
import { windowAt, type AllReferences, type LeadingReferences } from '../scored/tile-scorer.js'

/** How many classes there are, numbered from 0. */
export const classesAmong = (classOf: Int32Array): number => classOf.reduce((most, one) => Math.max(most, one), -1) + 1

const [FEWEST_BUCKETS, MOST_BUCKETS] = [64, 2 ** 16]

/**
 * Where the matches of a query stand among all references, without sorting these: matches are sorted, and of each other reference it
 * is counted between which of them it stands, which takes a look into buckets of equal width. Time is proportional to the references.
 *
 * A reference is open where a match lies within the window of its score. It is decided exactly, with the matches there. Between
 * matches nothing has to be decided: whichever comes first, their ranks are the same.
 */
export class MatchRanker {
  /** How many references were decided exactly. */
  decided = 0
  /** Rows by class: those of class c begin at `#starts[c]`. */
  readonly #rows: Int32Array
  readonly #starts: Int32Array
  readonly #matching: Matching
  readonly #buckets: BucketRanker
  readonly #bucketStarts = new Int32Array(MOST_BUCKETS + 1)
  readonly #sorter = new ScoreSorter()
  readonly #best = new BestScore()
  // Memory that is used again for each query.
  readonly #matches: Int32Array
  readonly #matchScores: Float32Array
  readonly #others: Int32Array
  readonly #open: Int32Array

  /** @param referenceClasses from 0 */
  constructor(referenceClasses: Int32Array) {
    const classes = classesAmong(referenceClasses)
    this.#matching = { classOf: referenceClasses, isMatch: new Uint8Array(classes) }
    this.#starts = new Int32Array(classes + 1)
    const size = referenceClasses.length
    this.#buckets = new BucketRanker(size)
    this.#rows = new Int32Array(size)
    this.#matches = new Int32Array(size + 1)
    this.#matchScores = new Float32Array(size + 1)
    this.#others = new Int32Array(size + 1)
    this.#open = new Int32Array(size)
    for (const one of referenceClasses) this.#starts[one + 1]!++
    for (let one = 0; one < classes; one++) this.#starts[one + 1]! += this.#starts[one]!
    const next = this.#starts.slice()
    referenceClasses.forEach((one, row) => (this.#rows[next[one]!++] = row))
  }

  /**
   * Rows of the references that match, ascending, the query itself and those that are left out not among them. Valid until the next call,
   * as what {@link ranks} gives.
   */
  matches(classes: ArrayLike<number>, itself: number, excluded: Uint8Array | undefined): Int32Array {
    const [starts, rows, matches] = [this.#starts, this.#rows, this.#matches]
    let count = 0
    for (let i = 0; i < classes.length; i++) {
      // A class without references may lie beyond the last that has some.
      const end = starts[classes[i]! + 1] ?? 0
      for (let at = starts[classes[i]!] ?? 0; at < end; at++) {
        const row = rows[at]!
        if (row !== itself && !excluded?.[row]) matches[count++] = row
      }
    }
    return classes.length > 1 ? matches.subarray(0, count).sort() : matches.subarray(0, count)
  }

  /** How many {@link matches} there are. */
  countMatches(classes: ArrayLike<number>, itself: number, excluded: Uint8Array | undefined): number {
    if (excluded) return this.matches(classes, itself, excluded).length
    let count = 0
    for (let i = 0; i < classes.length; i++) {
      const one = classes[i]!
      count += (this.#starts[one + 1] ?? 0) - (this.#starts[one] ?? 0) - (itself !== -1 && this.#matching.classOf[itself] === one ? 1 : 0)
    }
    return count
  }

  /** Ranks of the matches among the k nearest references, from 1, ascending. */
  ranks(query: AllReferences | LeadingReferences, classes: ArrayLike<number>, k: number): Int32Array {
    if ('rows' in query) return this.#ranksAmongLeading(query, classes, k)
    const { scores, itself, excluded } = query
    // Where matches are many of the k nearest, others are few enough to be counted with them.
    const isDeep = 2 * k < scores.length && 4 * this.countMatches(classes, itself, excluded) > k
    return (isDeep ? this.#ranksAmongMany(query, classes, k) : undefined) ?? this.#ranksAmongAll(query, classes, k)
  }

  /** Where matches are many of the k nearest; `undefined` where it has to be done otherwise. */
  #ranksAmongMany(query: AllReferences, classes: ArrayLike<number>, k: number): Int32Array | undefined {
    const decided = this.#buckets.decided
    const count = this.#whileMatching(classes, () => this.#buckets.ranks(query, this.#matching, k, this.#matches))
    this.decided += this.#buckets.decided - decided
    return count === undefined ? undefined : this.#matches.subarray(0, count)
  }

  /** Among references that are sorted already: where matches and others are within each other's window, exact scores decide. */
  #ranksAmongLeading({ rows, scores, trust }: LeadingReferences, classes: ArrayLike<number>, k: number): Int32Array {
    const [{ classOf, isMatch }, ranks] = [this.#matching, this.#matches]
    const order = this.#open.subarray(0, rows.length)
    order.set(rows)
    const count = this.#whileMatching(classes, () => {
      this.decided += decideNear(order, scores, trust, this.#matching, k)
      let found = 0
      for (let i = 0, depth = Math.min(k, order.length); i < depth; i++) {
        ranks[found] = i + 1
        found += isMatch[classOf[order[i]!]!]!
      }
      return found
    })
    return ranks.subarray(0, count)
  }

  /** With `isMatch` of some classes. */
  #whileMatching<T>(classes: ArrayLike<number>, work: () => T): T {
    const { isMatch } = this.#matching
    for (let i = 0; i < classes.length; i++) isMatch[classes[i]!] = 1
    const result = work()
    for (let i = 0; i < classes.length; i++) isMatch[classes[i]!] = 0
    return result
  }

  #ranksAmongAll(query: AllReferences, classes: ArrayLike<number>, k: number): Int32Array {
    const { scores, itself, excluded, trust } = query
    const all = this.matches(classes, itself, excluded)
    // What is below is not among the k nearest, and changes no rank up to k.
    const best = all.length > 0 && k < scores.length - 1 ? this.#best.of(query, k) : -Infinity
    const within = best - windowAt(best, trust)
    let count = 0
    for (let i = 0; i < all.length; i++) {
      const score = scores[all[i]!]!
      if (score < within) continue
      this.#matchScores[count] = score
      all[count++] = all[i]!
    }
    const matches = all.subarray(0, count)
    if (count === 0) return matches
    const matchScores = this.#matchScores.subarray(0, count)
    this.#sorter.sort(matches, matchScores)

    // others[i]: references that are no matches and stand right before match i.
    const others = this.#others.fill(0, 0, count + 1)
    const { base, slope, most, settled } = trust
    const lowest = Math.max(within, matchScores[count - 1]! - windowAt(matchScores[count - 1]!, trust))
    const [highest, scale, lastBucket] = this.#fillBuckets(matchScores)
    const [starts, { isMatch, classOf }] = [this.#bucketStarts, this.#matching]
    const open = this.#open
    let openCount = 0
    for (let i = 0; i < classes.length; i++) isMatch[classes[i]!] = 1
    for (let row = 0; row < scores.length; row++) {
      const score = scores[row]!
      if (score < lowest || isMatch[classOf[row]!] || row === itself || excluded?.[row]) continue
      const bucket = bucketOf(score, highest, scale, lastBucket)
      let low = starts[bucket]!
      let high = starts[bucket + 1]!
      while (low < high) {
        const middle = (low + high) >> 1
        if (matchScores[middle]! > score) low = middle + 1
        else high = middle
      }
      const window = score < settled ? 0 : Math.min(base + slope * Math.abs(score), most)
      // Infinite scores, of which some distances have any number, are equal without a difference.
      const isOpen =
        (low < count && (score - matchScores[low]! <= window || score === matchScores[low]!)) ||
        (low > 0 && matchScores[low - 1]! - score <= window)
      if (isOpen) open[openCount++] = row
      else others[low]!++
    }
    for (let i = 0; i < classes.length; i++) isMatch[classes[i]!] = 0
    if (openCount > 0) this.decided += decide(query, { rows: matches, scores: matchScores }, open.subarray(0, openCount), others)

    let [found, before] = [0, 0]
    for (; found < count; found++) {
      const rank = (before += others[found]!) + found + 1
      if (rank > k) break
      matches[found] = rank
    }
    return matches.subarray(0, found)
  }

  /** Counts sorted scores in buckets of equal width, the highest in bucket 0. */
  #fillBuckets(sorted: Float32Array): readonly [highest: number, scale: number, last: number] {
    const buckets = Math.min(MOST_BUCKETS, Math.max(FEWEST_BUCKETS, 2 ** Math.ceil(Math.log2(2 * sorted.length))))
    const highest = sorted[0]!
    const range = highest - sorted[sorted.length - 1]!
    const scale = range > 0 ? (buckets - 1) / range : 0
    const starts = this.#bucketStarts.fill(0, 0, buckets + 1)
    for (let i = 0; i < sorted.length; i++) starts[bucketOf(sorted[i]!, highest, scale, buckets - 1) + 1]!++
    for (let bucket = 0; bucket < buckets; bucket++) starts[bucket + 1]! += starts[bucket]!
    return [highest, scale, buckets - 1]
  }
}

/** The bucket of a score: never falls as scores fall. Infinite ranges make NaN, which becomes bucket 0 for all. */
const bucketOf = (score: number, highest: number, scale: number, last: number): number =>
  Math.max(0, Math.min(last, (highest - score) * scale)) | 0

/** References by score, the highest first. */
interface SortedReferences {
  readonly rows: Int32Array
  readonly scores: Float32Array
}

/**
 * Counts open references by exact scores. Each has a window among the sorted matches; where windows overlap they are one run, whose
 * matches are sorted exactly.
 *
 * @returns how many references were decided
 */
function decide({ scores, trust }: AllReferences, matches: SortedReferences, open: Int32Array, others: Int32Array): number {
  const count = matches.rows.length
  const starts = new Int32Array(open.length)
  const windows = new Int32Array(count + 1)
  for (let i = 0; i < open.length; i++) {
    const score = scores[open[i]!]!
    const window = windowAt(score, trust)
    starts[i] = countAbove(matches.scores, score + window, false)
    windows[starts[i]!]!++
    windows[countAbove(matches.scores, score - window, true)]!--
  }
  // For each match the run that it is in: where it begins and ends.
  const begins = new Int32Array(count + 1)
  const ends = new Int32Array(count + 1)
  const exact = new Float64Array(count)
  let decided = open.length
  for (let begin = 0, at = 0, depth = 0; at <= count; at++) {
    begins[at] = depth === 0 ? (begin = at) : begin
    depth += windows[at]!
    if (depth > 0) continue
    if (at > begin) {
      const run = exactOrder(matches.rows.subarray(begin, at), trust.exact)
      matches.rows.set(run.rows, begin)
      exact.set(run.scores, begin)
      decided += at - begin
    }
    ends.fill(at, begin, at + 1)
  }
  for (let i = 0; i < open.length; i++) {
    const row = open[i]!
    const score = trust.exact(row)
    let [low, high] = [begins[starts[i]!]!, ends[starts[i]!]!]
    while (low < high) {
      const middle = (low + high) >> 1
      if (exact[middle]! > score || (exact[middle]! === score && matches.rows[middle]! < row)) low = middle + 1
      else high = middle
    }
    others[low]!++
  }
  return decided
}

/** How many of some descending scores are above one, or at least that. */
function countAbove(sorted: Float32Array, score: number, orEqual: boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! > score || (orEqual && sorted[middle]! === score)) low = middle + 1
    else high = middle
  }
  return low
}
