import { expectSameWidth, type LabelComparison, type LabelRow, type QueryRequest } from '@metric-learning/contracts'
import { readMask } from '../neighbours/reference-mask.js'
import { classNumbers } from './class-numbers.js'

export interface LabelMatchesOptions {
  readonly query: readonly LabelRow[]
  readonly reference: readonly LabelRow[]
  /** Left out: labels must be equal, or of sets one must be shared. */
  readonly comparison?: LabelComparison | undefined
  /** Rows are sets of labels, each ascending. */
  readonly areSets?: boolean
  /** Reference i is query i, and so no match of its own. */
  readonly refIncludesQuery: boolean
  /** Which references a query must not find: 1 for each, or `undefined` for none. */
  readonly exclude?: QueryRequest['exclude'] | undefined
}

/** Which references match which queries, worked out class by class: labels that are equal are one class. */
export class LabelMatches {
  /** The labels of each class, in ascending order. */
  readonly classes: readonly LabelRow[]
  /** Class of each query. */
  readonly queryClasses: Int32Array
  /** Class of each reference. */
  readonly referenceClasses: Int32Array
  /** R: matches of each query, itself and those that are left out not counted. */
  readonly matchCounts: Int32Array
  /** References that each query may find. */
  readonly availableCounts: Int32Array

  readonly #matchingOf: (queryClass: number) => readonly number[]
  #current: { readonly of: number; readonly matching: readonly number[] } | undefined

  /**
   * @throws {LabelError} when queries and references have different numbers of columns.
   * @throws {ShapeError} when a mask of `exclude` has not one value for each reference.
   * @throws {DataError} when a value of a mask is none of 0, 1, true and false.
   */
  constructor({ query, reference, comparison, areSets = false, refIncludesQuery, exclude }: LabelMatchesOptions) {
    if (!areSets) expectSameWidth('AccuracyCalculator', { queryLabels: query }, { referenceLabels: reference })
    const numbers = classNumbers([...query, ...reference])
    this.classes = numbers.rows
    this.queryClasses = Int32Array.from(query, (row) => numbers.numberOf(row))
    this.referenceClasses = Int32Array.from(reference, (row) => numbers.numberOf(row))
    this.#matchingOf = comparison ? byComparison(this.classes, comparison) : areSets ? bySharedLabel(this.classes) : (one) => [one]
    const countsByClass = this.#countMatches(refIncludesQuery)
    this.matchCounts = this.queryClasses.map((one) => countsByClass[one]!)
    this.availableCounts = new Int32Array(query.length).fill(reference.length - (refIncludesQuery ? 1 : 0))
    if (exclude) this.#takeAway(exclude, refIncludesQuery)
  }

  /** The classes of references that a query of this class matches. */
  matching(queryClass: number): readonly number[] {
    if (this.#current?.of !== queryClass) this.#current = { of: queryClass, matching: this.#matchingOf(queryClass) }
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

  /** What a query must not find is neither a match nor available. */
  #takeAway(exclude: NonNullable<QueryRequest['exclude']>, refIncludesQuery: boolean): void {
    const { referenceClasses, queryClasses } = this
    const isMatching = new Uint8Array(this.classes.length)
    for (let query = 0; query < queryClasses.length; query++) {
      const mask = readMask(exclude(query), referenceClasses.length, { who: 'AccuracyCalculator', option: 'excludeReferences', query })
      if (mask === undefined) continue
      const matching = this.matching(queryClasses[query]!)
      for (const one of matching) isMatching[one] = 1
      for (let row = 0; row < mask.length; row++) {
        if (mask[row] === 0 || (refIncludesQuery && row === query)) continue
        this.availableCounts[query]!--
        this.matchCounts[query]! -= isMatching[referenceClasses[row]!]!
      }
      for (const one of matching) isMatching[one] = 0
    }
  }
}

const byComparison =
  (classes: readonly LabelRow[], comparison: LabelComparison) =>
  (queryClass: number): number[] => {
    const labels = classes[queryClass]!
    return classes.flatMap((other, i) => (comparison(labels, other) ? [i] : []))
  }

function bySharedLabel(classes: readonly LabelRow[]): (queryClass: number) => number[] {
  const having = new Map<number, number[]>()
  classes.forEach((labels, i) => {
    for (const label of labels) having.set(label, [...(having.get(label) ?? []), i])
  })
  return (queryClass) => [...new Set(classes[queryClass]!.flatMap((label) => having.get(label)!))].sort((a, b) => a - b)
}
