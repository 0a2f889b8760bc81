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
  #current: { readonly of: number; readonly matching: readonly number[] } | undefined

  /** @throws {LabelError} when queries and references have different numbers of columns. */
  constructor({ query, reference, comparison, refIncludesQuery }: LabelMatchesOptions) {
    expectSameWidth('AccuracyCalculator', { queryLabels: query }, { referenceLabels: reference })
    const numbers = classNumbers([...query, ...reference])
    this.classes = numbers.rows
    this.queryClasses = Int32Array.from(query, (row) => numbers.numberOf(row))
    this.referenceClasses = Int32Array.from(reference, (row) => numbers.numberOf(row))
    this.#comparison = comparison
    this.matchCounts = this.#countMatches(refIncludesQuery)
  }

  /** The classes of references that a query of this class matches. */
  matching(queryClass: number): readonly number[] {
    const comparison = this.#comparison
    if (!comparison) return [queryClass]
    if (this.#current?.of !== queryClass) {
      const labels = this.classes[queryClass]!
      const matching = this.classes.flatMap((other, i) => (comparison(labels, other) ? [i] : []))
      this.#current = { of: queryClass, matching }
    }
    return this.#current.matching
  }

  #countMatches(refIncludesQuery: boolean): Int32Array {
    const sizes = new Int32Array(this.classes.length)
    this.referenceClasses.forEach((reference) => sizes[reference]!++)
    const counts = new Int32Array(this.classes.length)
    for (const queryClass of new Set(this.queryClasses)) {
      const matching = this.matching(queryClass)
      const itself = refIncludesQuery && matching.includes(queryClass) ? 1 : 0
      counts[queryClass] = matching.reduce((sum, other) => sum + sizes[other]!, 0) - itself
    }
    return counts
  }
}
