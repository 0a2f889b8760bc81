/** Up to this many, insertion is faster than counting. */
const FEW = 128
const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS
const MOST_BUCKETS = 2 ** 16
/** Of a bucket with more, the digits are sorted by. */
const FULL = 48

/** Sorts rows by score: into buckets, or by the digits of their bits, in time proportional to their number, in memory that is used again. */
export class ScoreSorter {
  #keys = new Int32Array()
  #nextKeys = new Int32Array()
  #rows = new Int32Array()
  #nextRows = new Int32Array()
  #sortedScores = new Float32Array()
  readonly #starts = new Int32Array(DIGITS + 1)
  readonly #bucketStarts = new Int32Array(MOST_BUCKETS + 1)

  /**
   * Highest first, equal ones as they were.
   *
   * @param rows sorted in place
   * @param scores of each of `rows`, without NaN; sorted in place with them
   */
  sort(rows: Int32Array, scores: Float32Array): void {
    if (rows.length <= FEW) insertionSort(rows, scores)
    else if (!this.#bucketSort(rows, scores)) this.#radixSort(rows, scores)
  }

  /** Into buckets of equal width, which leaves little to sort; does nothing, and says so, where some would hold many. */
  #bucketSort(rows: Int32Array, scores: Float32Array): boolean {
    const count = rows.length
    let [highest, lowest] = [-Infinity, Infinity]
    for (let i = 0; i < count; i++) {
      const score = scores[i]!
      if (score > highest) highest = score
      if (score < lowest) lowest = score
    }
    const buckets = Math.min(MOST_BUCKETS, 2 ** Math.ceil(Math.log2(2 * count)))
    const scale = (buckets - 1) / (highest - lowest)
    if (!(scale > 0 && scale < Infinity)) return false
    this.#makeRoom(count)
    const [starts, places, sortedRows, sortedScores] = [this.#bucketStarts.fill(0, 0, buckets + 1), this.#keys, this.#nextRows, this.#sortedScores]
    let fullest = 0
    for (let i = 0; i < count; i++) {
      const bucket = ((highest - scores[i]!) * scale) | 0
      places[i] = bucket
      const size = ++starts[bucket + 1]!
      if (size > fullest) fullest = size
    }
    if (fullest > FULL) return false
    for (let bucket = 0; bucket < buckets; bucket++) starts[bucket + 1]! += starts[bucket]!
    for (let i = 0; i < count; i++) {
      const at = starts[places[i]!]!++
      sortedRows[at] = rows[i]!
      sortedScores[at] = scores[i]!
    }
    rows.set(sortedRows.subarray(0, count))
    scores.set(sortedScores.subarray(0, count))
    insertionSort(rows, scores)
    return true
  }

  #makeRoom(count: number): void {
    if (this.#keys.length >= count) return
    ;[this.#keys, this.#nextKeys] = [new Int32Array(count), new Int32Array(count)]
    ;[this.#rows, this.#nextRows] = [new Int32Array(count), new Int32Array(count)]
    this.#sortedScores = new Float32Array(count)
  }

  #radixSort(rows: Int32Array, scores: Float32Array): void {
    const count = rows.length
    this.#makeRoom(count)
    let [keys, nextKeys, from, to] = [this.#keys, this.#nextKeys, this.#rows, this.#nextRows]
    const bits = new Int32Array(scores.buffer, scores.byteOffset, count)
    let [least, most] = [0x7fffffff, -0x80000000]
    for (let i = 0; i < count; i++) {
      // -0 is 0.
      const key = turned(bits[i] === -0x80000000 ? 0 : bits[i]!)
      keys[i] = key
      from[i] = rows[i]!
      if (key < least) least = key
      if (key > most) most = key
    }
    // As few digits as the range takes, of as few bits.
    const rangeBits = 32 - Math.clz32(most - least)
    const passes = Math.ceil(rangeBits / DIGIT_BITS)
    const digitBits = Math.ceil(rangeBits / passes)
    const mask = 2 ** digitBits - 1
    const starts = this.#starts
    for (let pass = 0; pass < passes; pass++) {
      const shift = pass * digitBits
      starts.fill(0, 0, mask + 2)
      for (let i = 0; i < count; i++) starts[((((keys[i]! - least) | 0) >>> shift) & mask) + 1]!++
      for (let digit = 0; digit <= mask; digit++) starts[digit + 1]! += starts[digit]!
      for (let i = 0; i < count; i++) {
        const key = keys[i]!
        const at = starts[(((key - least) | 0) >>> shift) & mask]!++
        nextKeys[at] = key
        to[at] = from[i]!
      }
      ;[keys, nextKeys, from, to] = [nextKeys, keys, to, from]
    }
    for (let i = 0; i < count; i++) {
      bits[i] = turnedBack(keys[i]!)
      rows[i] = from[i]!
    }
  }
}

/** Bits of float32 as integers that ascend where the numbers descend, and back. */
const turned = (bits: number): number => (bits < 0 ? bits & 0x7fffffff : ~bits)
const turnedBack = (key: number): number => (key < 0 ? ~key : key | -0x80000000)

/** Sorts as {@link ScoreSorter} does, in no time where little is out of order. */
export function insertionSort(rows: Int32Array, scores: Float32Array): void {
  for (let i = 1; i < rows.length; i++) {
    const score = scores[i]!
    if (scores[i - 1]! >= score) continue
    const row = rows[i]!
    let at = i
    for (; at > 0 && scores[at - 1]! < score; at--) {
      rows[at] = rows[at - 1]!
      scores[at] = scores[at - 1]!
    }
    rows[at] = row
    scores[at] = score
  }
}
