import { rowsByLabel } from '@metric-learning/contracts'
import type { Accuracy } from '@metric-learning/evaluation'
import { AccuracyTester } from './accuracy-tester.js'
import type { AccuracyTesterOptions, Comparison, Judgement, LabelledEmbeddings } from './tester-options.js'

export type WithSameParentLabelTesterOptions = AccuracyTesterOptions<SameParentAccuracy>

/** Means over parents, and what they are means of. */
export interface SameParentAccuracy extends Judgement {
  /** By label of the parent, those without references missing. */
  readonly parents: ReadonlyMap<number, Accuracy<string>>
}

/**
 * Judges each level of a hierarchy of labels within its parents: a query of the bird family of finches is looked up among finches alone. `labels` names the
 * columns, finest first; a level's parents are the next one, and the last is a parent alone.
 *
 * A metric is the mean over the parents of the queries, each of which counts the same however large it is. A parent in which a metric
 * has no result, as where no query has a match or there is one class, is left out of the mean, and counted in a warning.
 *
 * @throws {OptionError} when an option is unknown, out of range, or does not go with another; when `labels` names no parents.
 * @throws {DataError} when a split has no samples.
 * @throws {LabelError} when a split has no such columns of one class a sample.
 * @throws {ShapeError} when samples of one split are of another kind than those of another.
 * @example new WithSameParentLabelTester({ splits: { birds }, labels: ['species', 'family'] })
 */
export class WithSameParentLabelTester extends AccuracyTester<SameParentAccuracy> {
  constructor(options: WithSameParentLabelTesterOptions) {
    super({ name: 'WithSameParentLabelTester', withinParents: true }, options)
  }

  protected override async judge(comparison: Comparison): Promise<SameParentAccuracy> {
    const { query, reference, level, onProgress } = comparison
    const isWithin = query === reference
    const ofQueries = rowsByLabel(query.levels[level + 1]!)
    const ofReferences = isWithin ? ofQueries : rowsByLabel(reference.levels[level + 1]!)
    const parents = new Map<number, Accuracy<string>>()
    let done = 0
    for (const [parent, rows] of ofQueries) {
      const queries = takeRows(query, rows)
      const references = isWithin ? queries : takeRows(reference, ofReferences.get(parent) ?? [])
      if (references.labels.length > 0) {
        parents.set(parent, await this.accuracyOf({ ...comparison, query: queries, reference: references, onProgress: () => undefined }))
      }
      done += rows.length
      onProgress(done, query.labels.length)
    }
    const means = this.metricNames.map((metric) => ({ metric, ...meanOf(metric, [...parents.values()]) }))
    return {
      metrics: Object.fromEntries(means.map(({ metric, mean }) => [metric, mean])),
      reasons: Object.fromEntries(means.flatMap(({ metric, mean }) => (mean === null ? [[metric, 'No parent has a result.']] : []))),
      parents,
      warnings: [...loneWarning(parents, query.labels.length), ...leftOutWarnings(means, ofQueries.size)],
    }
  }
}

/** The mean of a metric over parents with a result, and how many these are. */
function meanOf(metric: string, parents: readonly Accuracy<string>[]): { readonly mean: number | null; readonly count: number } {
  const results = parents.flatMap(({ metrics, certain }) => (metric in certain ? [] : (metrics[metric] ?? [])))
  return { mean: results.length === 0 ? null : results.reduce((sum, value) => sum + value, 0) / results.length, count: results.length }
}

function takeRows({ embeddings, dim, labels, levels }: LabelledEmbeddings, rows: readonly number[]): LabelledEmbeddings {
  const taken = new Float32Array(rows.length * dim)
  rows.forEach((row, i) => {
    taken.set(embeddings.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  const take = (column: Int32Array) => Int32Array.from(rows, (row) => column[row]!)
  return { embeddings: taken, dim, labels: take(labels), levels: levels.map(take) }
}

function loneWarning(parents: ReadonlyMap<number, Accuracy<string>>, queries: number): string[] {
  const lone = [...parents.values()].reduce((sum, { loneQueries }) => sum + loneQueries, 0)
  return lone === 0 ? [] : [`${lone} of ${queries} queries have no match within their parent and are left out of ranking metrics.`]
}

/** One for all metrics of which the same number of parents is left out. */
function leftOutWarnings(means: readonly { readonly metric: string; readonly count: number }[], parents: number): string[] {
  const counts = new Set(means.map(({ count }) => count).filter((count) => count < parents))
  return [...counts].map((count) => {
    const metrics = means.filter((mean) => mean.count === count).map(({ metric }) => metric)
    return `${parents - count} of ${parents} parents have no result, and are left out of the mean of ${metrics.join(', ')}: no match, or one class.`
  })
}
