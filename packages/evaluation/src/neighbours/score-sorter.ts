/** Up to this many, insertion is faster than counting. */
const FEW = 128
const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS

/** Sorts rows by score: by the digits of their bits, in time proportional to their number, in memory that is used again. */
export class ScoreSorter {
  #keys = new Uint32Array()
  #nextKeys = new Uint32Array()
  #rows = new Int32Array()
  #nextRows = new Int32Array()
  readonly #starts = new Int32Array(DIGITS + 1)

  /**
   * Highest first, equal ones as they were.
   *
   * @param rows sorted in place
   * @param scores of each of `rows`, without NaN; sorted in place with them
   */
  sort(rows: Int32Array, scores: Float32Array): void {
    if (rows.length <= FEW) insertionSort(rows, scores)
    else this.#radixSort(rows, scores)
  }

  #radixSort(rows: Int32Array, scores: Float32Array): void {
    const count = rows.length
    if (this.#keys.length < count) {
      ;[this.#keys, this.#nextKeys] = [new Uint32Array(count), new Uint32Array(count)]
      ;[this.#rows, this.#nextRows] = [new Int32Array(count), new Int32Array(count)]
    }
    let [keys, nextKeys, from, to] = [this.#keys, this.#nextKeys, this.#rows, this.#nextRows]
    const bits = new Uint32Array(scores.buffer, scores.byteOffset, count)
    for (let i = 0; i < count; i++) {
      // -0 is 0.
      keys[i] = turned(bits[i] === 0x80000000 ? 0 : bits[i]!)
      from[i] = rows[i]!
    }
    const starts = this.#starts
    for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
      starts.fill(0)
      for (let i = 0; i < count; i++) starts[((keys[i]! >>> shift) & (DIGITS - 1)) + 1]!++
      for (let digit = 0; digit < DIGITS; digit++) starts[digit + 1]! += starts[digit]!
      for (let i = 0; i < count; i++) {
        const key = keys[i]!
        const at = starts[(key >>> shift) & (DIGITS - 1)]!++
        nextKeys[at] = key
        to[at] = from[i]!
      }
      ;[keys, nextKeys, from, to] = [nextKeys, keys, to, from]
    }
    for (let i = 0; i < count; i++) {
      bits[i] = turned(keys[i]!)
      rows[i] = from[i]!
    }
  }
}

/** Bits of float32 as integers that ascend where the numbers descend, and back: those of positive numbers are turned round. */
const turned = (bits: number): number => (bits >>> 31 ? bits : ~bits & 0x7fffffff)

function insertionSort(rows: Int32Array, scores: Float32Array): void {
  for (let i = 1; i < rows.length; i++) {
    const [row, score] = [rows[i]!, scores[i]!]
    let at = i
    for (; at > 0 && scores[at - 1]! < score; at--) {
      rows[at] = rows[at - 1]!
      scores[at] = scores[at - 1]!
    }
    rows[at] = row
    scores[at] = score
  }
}
