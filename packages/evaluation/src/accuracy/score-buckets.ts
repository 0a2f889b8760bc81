const count = 1024

/**
 * Sorted scores in buckets of equal width, so that where a score belongs among them is found at once, or nearly.
 *
 * Bucket 0 has the highest scores. A score above all of them falls into bucket 0, one below all into the last.
 */
export class ScoreBuckets {
  /** Where each bucket starts among the sorted scores, and after the last one their number: [buckets + 1]. */
  readonly starts = new Int32Array(count + 1)
  readonly #highest: number
  readonly #scale: number

  /** @param scores descending, at least one */
  constructor(scores: Float32Array) {
    this.#highest = scores[0]!
    const range = this.#highest - scores[scores.length - 1]!
    this.#scale = range > 0 ? (count - 1) / range : 0
    for (const score of scores) this.starts[this.of(score) + 1]!++
    for (let bucket = 0; bucket < count; bucket++) this.starts[bucket + 1]! += this.starts[bucket]!
  }

  /** The bucket of a score: never falls as scores fall. */
  of(score: number): number {
    // Infinite ranges make NaN, which becomes bucket 0 for all.
    return Math.max(0, Math.min(count - 1, (this.#highest - score) * this.#scale)) | 0
  }
}
