/** The rows of each class, classes numbered from 0 by ascending label. */
export class ClassRows {
  /** The distinct labels, ascending: int32 [classes]. */
  readonly labels: Int32Array
  readonly #rows: Int32Array
  readonly #starts: Int32Array

  /** @param labels int32 [samples]; looked at once. */
  constructor(labels: Int32Array) {
    this.labels = Int32Array.from(new Set(labels)).sort()
    const numberOf = new Map<number, number>()
    this.labels.forEach((label, number) => numberOf.set(label, number))
    const numbers = labels.map((label) => numberOf.get(label)!)
    this.#starts = new Int32Array(this.count + 1)
    for (const number of numbers) this.#starts[number + 1]! += 1
    for (let number = 0; number < this.count; number++) this.#starts[number + 1]! += this.#starts[number]!
    const next = this.#starts.slice()
    this.#rows = new Int32Array(labels.length)
    numbers.forEach((number, row) => (this.#rows[next[number]!++] = row))
  }

  /** How many classes there are. */
  get count(): number {
    return this.labels.length
  }

  /** Samples of a class. */
  size(number: number): number {
    return this.#starts[number + 1]! - this.#starts[number]!
  }

  /** The samples of each class: int32 [classes]. */
  get sizes(): Int32Array {
    return this.labels.map((_, number) => this.size(number))
  }

  /** The rows of a class, ascending: a view, not a copy. */
  of(number: number): Int32Array {
    return this.#rows.subarray(this.#starts[number], this.#starts[number + 1])
  }
}
