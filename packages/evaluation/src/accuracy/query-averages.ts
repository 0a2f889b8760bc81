import type { LabelMatches } from './label-matches.js'

/** Averages of numbers of queries, those that have a match, over all of them or class by class. */
export class QueryAverages {
  /** Rows of the queries that have a match. */
  readonly judged: Int32Array
  /** Classes that have such a query, ascending. */
  readonly classes: readonly number[]
  /** The place of each judged query's class among `classes`. */
  readonly #places: Int32Array

  constructor({ matchCounts, queryClasses }: LabelMatches) {
    this.judged = Int32Array.from(matchCounts.keys()).filter((row) => matchCounts[row]! > 0)
    const classes = Int32Array.from(new Set(this.judged.map((row) => queryClasses[row]!))).sort()
    const places = new Map(Array.from(classes, (one, place) => [one, place]))
    this.classes = Array.from(classes)
    this.#places = this.judged.map((row) => places.get(queryClasses[row]!)!)
  }

  /** @param values of each judged query */
  mean(values: Float64Array): number {
    return values.reduce((sum, value) => sum + value, 0) / values.length
  }

  /** The mean of each class. */
  classMeans(values: Float64Array): number[] {
    const [sums, counts] = this.#sumsByClass(values, values.keys())
    return Array.from(sums, (sum, place) => sum / counts[place]!)
  }

  /** The mean of the means of classes. */
  meanOfClassMeans(values: Float64Array): number {
    const means = this.classMeans(values)
    return means.reduce((sum, mean) => sum + mean, 0) / means.length
  }

  /** The mean, or the mean of the means of classes that are among them, over drawn ones of the judged queries. */
  meanOfDrawn(values: Float64Array, drawn: Int32Array, byClass: boolean): number {
    if (!byClass) return drawn.reduce((sum, at) => sum + values[at]!, 0) / drawn.length
    const [sums, counts] = this.#sumsByClass(values, drawn)
    const means = Array.from(sums, (sum, place) => sum / counts[place]!).filter((mean) => !Number.isNaN(mean))
    return means.reduce((sum, mean) => sum + mean, 0) / means.length
  }

  #sumsByClass(values: Float64Array, rows: Iterable<number>): readonly [sums: Float64Array, counts: Int32Array] {
    const [sums, counts] = [new Float64Array(this.classes.length), new Int32Array(this.classes.length)]
    for (const at of rows) {
      sums[this.#places[at]!]! += values[at]!
      counts[this.#places[at]!]!++
    }
    return [sums, counts]
  }
}
