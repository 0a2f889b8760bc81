import type { AllReferences } from '../scored/tile-scorer.js'

/** Of so many scores one is looked at to guess: a prime, which is in step with no order of classes. */
const STRIDE = 37

/** Up to this many are kept in a list; more are counted. */
const FEW = 512

/** The score of the k-th best reference, or a little less, in time proportional to the references. */
export class BestScore {
  #counts: Uint32Array | undefined
  #some = new Float32Array()

  /**
   * A score that at least k references reach which the query may find; -Infinity where there are fewer. All that may be among the k
   * nearest are above it, less its window.
   */
  of(query: AllReferences, k: number): number {
    return k <= FEW ? kthScore(query, k) : countedScore(query, k, (this.#counts ??= new Uint32Array(2 ** 16)))
  }

  /** A guess from some of the scores: as a rule, k references and a few more reach it. With it the highest of these. */
  ofSome({ scores, trust }: AllReferences, k: number): { readonly score: number; readonly highest: number } {
    const count = Math.floor(scores.length / STRIDE)
    if (this.#some.length !== count) this.#some = new Float32Array(count)
    const some = this.#some
    let highest = -Infinity
    for (let i = 0, at = 0; i < count; i++, at += STRIDE) {
      const score = (some[i] = scores[at]!)
      if (score > highest) highest = score
    }
    const share = k / STRIDE
    // Three standard deviations of how many of a sample are above the score of the k-th.
    return { score: this.of({ scores: some, trust, itself: -1, excluded: undefined }, Math.ceil(share + 3 * Math.sqrt(share) + 2)), highest }
  }
}

/** The k-th best score. */
function kthScore({ scores, itself, excluded }: AllReferences, k: number): number {
  // As many of the best as are seen by now, and room for as many again, before the lower half is let go.
  const best = new Float32Array(Math.min(scores.length, 2 * k + 64))
  let count = 0
  let least = -Infinity
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row]!
    if (!(score > least) || row === itself || excluded?.[row]) continue
    if (count === best.length) {
      best.sort()
      best.copyWithin(0, count - k)
      count = k
      least = best[0]!
      if (!(score > least)) continue
    }
    best[count++] = score
  }
  return count < k ? -Infinity : best.subarray(0, count).sort()[count - k]!
}

/** The lower end of the sixteen leading bits that the k-th best score has: counted, not sorted. */
function countedScore({ scores, itself, excluded }: AllReferences, k: number, counts: Uint32Array): number {
  counts.fill(0)
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length)
  for (let row = 0; row < bits.length; row++) {
    const word = bits[row]!
    // Ascending where scores ascend: negative numbers are turned round.
    if (row !== itself && !excluded?.[row]) counts[(word >>> 31 ? ~word : word | 0x80000000) >>> 16]!++
  }
  let [leading, seen] = [2 ** 16, 0]
  while (seen < k && leading > 0) seen += counts[--leading]!
  if (seen < k) return -Infinity
  const lowest = (leading << 16) >>> 0
  const score = new Float32Array(Uint32Array.of(lowest >>> 31 ? lowest & 0x7fffffff : ~lowest).buffer)[0]!
  return Number.isNaN(score) ? -Infinity : score
}
