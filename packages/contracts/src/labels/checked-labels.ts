import { describeValue } from '../errors/describe-value.js'
import { LabelError } from '../errors/metric-learning-error.js'
import type { ClassColumn, ComparedColumn, Dataset, LabelColumn } from '../dataset.js'
import { toLabelArray } from './label-array.js'
import { toLabelRows } from './label-rows.js'

/** The labels of a data set that were checked: nothing in them has to be looked at again. */
export interface CheckedLabels {
  /** Samples of the data set, at least 1. */
  readonly sampleCount: number
  /** Class of each sample: int32 [samples]. */
  readonly labels: Int32Array
  /** The further label columns by name, one entry a sample in each. */
  readonly columns: ReadonlyMap<string, LabelColumn>
}

/**
 * Checks the labels of a data set and all its label columns, once, where the set comes in. What is no label in int32 (a name,
 * a fraction, NaN, 2^32 + 1, a hole, a bigint) is an error, and never a silent 0.
 *
 * Takes any list of integers for `labels`, an array or a typed array of another kind, and hands out copies.
 *
 * @param who in whose name it complains
 * @throws {LabelError} when there are no samples, a label is not an integer of 32 bits, a column is neither of classes nor of
 *   rows, or has not one entry a sample.
 */
export function checkedLabels(who: string, dataset: Pick<Dataset, 'labels' | 'columns'>): CheckedLabels {
  const labels = toLabelArray(who, 'dataset.labels', dataset.labels)
  const columns = Object.entries<LabelColumn | undefined>(dataset.columns ?? {}).map(([name, column]) => {
    const checked = checkedColumn(who, `dataset.columns.${name}`, column)
    expectOneEach(who, name, entriesOf(checked).length, labels.length)
    return [name, checked] as const
  })
  return { sampleCount: labels.length, labels, columns: new Map(columns) }
}

/**
 * A label column by name; without a name the classes.
 *
 * @param who in whose name it complains
 * @throws {LabelError} when there is no such column; lists those there are.
 */
export function labelColumn(who: string, { labels, columns }: CheckedLabels, name?: string): LabelColumn {
  if (name === undefined) return { labels }
  const column = columns.get(name)
  if (column) return column
  const names = [...columns.keys()]
  throw new LabelError({
    who,
    wanted: names.length > 0 ? `one of the label columns ${names.join(', ')}` : 'a label column that the data set has, which is none',
    got: describeValue(name),
    fix: names.length > 0 ? 'Name one of them, or none for the classes.' : 'Name none for the classes, or give the data set `columns`.',
  })
}

function checkedColumn(who: string, what: string, column: LabelColumn | null | undefined): LabelColumn {
  const { labels, classNames, labelRows, labelComparison } = (column ?? {}) as Partial<ClassColumn & ComparedColumn>
  if ((labels === undefined) === (labelRows === undefined)) {
    throw new LabelError({
      who,
      wanted: `\`${what}\` to be { labels } or { labelRows }`,
      got: labels === undefined ? describeValue(column) : 'both',
      fix: 'Give one class a sample as `labels`, or one row of integers a sample as `labelRows`.',
    })
  }
  if (labels !== undefined) return { labels: toLabelArray(who, `${what}.labels`, labels), ...(classNames && { classNames }) }
  if (labelComparison !== undefined && typeof labelComparison !== 'function') {
    throw new LabelError({
      who,
      wanted: `\`${what}.labelComparison\` to be a function of two rows`,
      got: describeValue(labelComparison),
      fix: 'Pass one such as `sharesLabel` or `equalAtLevel(0)`, or leave it out for equal rows.',
    })
  }
  return { labelRows: toLabelRows(who, `${what}.labelRows`, labelRows!), ...(labelComparison && { labelComparison }) }
}

const entriesOf = (column: LabelColumn) => ('labels' in column ? column.labels : column.labelRows)

function expectOneEach(who: string, name: string, entries: number, samples: number): void {
  if (entries === samples) return
  throw new LabelError({
    who,
    wanted: `one entry in the label column \`${name}\` for each of ${samples} samples`,
    got: String(entries),
    fix: 'Give every sample a label in each column.',
  })
}
