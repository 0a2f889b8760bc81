/** Parameters that have taken all of their steps together. */
export interface Cohort {
  readonly number: number
  readonly names: readonly string[]
}

/**
 * Parameters by which of them have taken all of their steps together, so that what moves from step to step is the same for them. A cohort
 * falls apart where some of it take a step while others, such as frozen ones, do not. Those that are known from the beginning are number 0.
 */
export class Cohorts {
  readonly #places = new Map<string, number>()
  /** By place. A new array with each change: compiled steps compare fields, and are captured anew. */
  private numbers = new Int32Array()

  /** @param split hears of a cohort before it falls apart: those that take no step will have a number of their own */
  constructor(private readonly split: (from: number, to: number) => void) {}

  /** Parameters that have taken no step yet. Those that are known stay what they are. */
  add(names: Iterable<string>): void {
    const others = [...names].filter((name) => !this.#places.has(name))
    if (others.length === 0) return
    for (const name of others) this.#places.set(name, this.#places.size)
    this.numbers = Int32Array.of(...this.numbers, ...others.map(() => this.#next))
  }

  /** Those that take a step now, by cohort. */
  stepping(names: readonly string[]): readonly Cohort[] {
    const isStepping = new Set(names)
    for (const number of this.#numbersOf(names)) {
      const isLeft = [...this.#places.keys()].map((name) => this.#numberOf(name) === number && !isStepping.has(name))
      if (!isLeft.includes(true)) continue
      const next = this.#next
      this.split(number, next)
      this.numbers = this.numbers.map((own, place) => (isLeft[place] ? next : own))
    }
    return this.#numbersOf(names).map((number) => ({ number, names: names.filter((name) => this.#numberOf(name) === number) }))
  }

  /** The number of each parameter, where there is more than one cohort. */
  get state(): Readonly<Record<string, number>> | undefined {
    return new Set(this.numbers).size > 1 ? Object.fromEntries([...this.#places.keys()].map((name) => [name, this.#numberOf(name)])) : undefined
  }

  /** @param state its numbers; without, all are of one cohort */
  restore(state: Readonly<Record<string, number>> = {}): void {
    this.add(Object.keys(state))
    this.numbers = Int32Array.from(this.#places.keys(), (name) => state[name] ?? 0)
  }

  get #next(): number {
    return this.numbers.reduce((most, number) => Math.max(most, number), -1) + 1
  }

  #numberOf(name: string): number {
    return this.numbers[this.#places.get(name)!]!
  }

  #numbersOf(names: readonly string[]): readonly number[] {
    return [...new Set(names.map((name) => this.#numberOf(name)))]
  }
}
