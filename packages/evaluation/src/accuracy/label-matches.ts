import { expectSameWidth, type LabelComparison, type LabelRow } from '@metric-learning/contracts'
import { classNumbers } from './class-numbers.js'

export interface LabelMatchesOptions {
  readonly query: readonly LabelRow[]
  readonly reference: readonly LabelRow[]
  /** Left out: labels must be equal. */
  readonly comparison?: LabelComparison | undefined
  /** Reference i is query i, and so no match of its own. */
  readonly refIncludesQuery: boolean
}

/** Which references match which queries, worked out class by class: labels that are equal are one class. */
export class LabelMatches {
  /** The labels of each class, in ascending order. */
  readonly classes: readonly LabelRow[]
  /** Class of each query. */
  readonly queryClasses: Int32Array
  /** Class of each reference. */
  readonly referenceClasses: Int32Array
  /** Matches of a query of each class, the query itself not counted: [classes]. 0 for a class without queries. */
  readonly matchCounts: Int32Array

  readonly #comparison: LabelComparison | undefined
  readonly #matching: Uint8Array
  #current = -1

  /** @throws {LabelError} when queries and references have different numbers of columns. */
  constructor({ query, reference, comparison, refIncludesQuery }: LabelMatchesOptions) {
    expectSameWidth('AccuracyCalculator', { queryLabels: query }, { referenceLabels: reference })
    const numbers = classNumbers([...query, ...reference])
    this.classes = numbers.rows
    this.queryClasses = Int32Array.from(query, (row) => numbers.numberOf(row))
    this.referenceClasses = Int32Array.from(reference, (row) => numbers.numberOf(row))
    this.#comparison = comparison
    this.#matching = new Uint8Array(this.classes.length)
    this.matchCounts = this.#countMatches(refIncludesQuery)
  }

  /** 1 for each class that a query of this class matches, 0 for the others: [classes]. Valid until the next call. */
  matching(queryClass: number): Uint8Array {
    if (queryClass === this.#current) return this.#matching
    if (this.#comparison) {
      const labels = this.classes[queryClass]!
      this.classes.forEach((other, i) => (this.#matching[i] = this.#comparison!(labels, other) ? 1 : 0))
    } else {
      if (this.#current !== -1) this.#matching[this.#current] = 0
      this.#matching[queryClass] = 1
    }
    this.#current = queryClass
    return this.#matching
  }

  #countMatches(refIncludesQuery: boolean): Int32Array {
    const sizes = new Int32Array(this.classes.length)
    this.referenceClasses.forEach((reference) => sizes[reference]!++)
    const counts = new Int32Array(this.classes.length)
    for (const queryClass of new Set(this.queryClasses)) {
      const matching = this.matching(queryClass)
      const itself = refIncludesQuery ? matching[queryClass]! : 0
      const all = this.#comparison
        ? sizes.reduce((sum, size, other) => sum + size * matching[other]!, 0)
        : sizes[queryClass]!
      counts[queryClass] = all - itself
    }
    return counts
  }
}
