import { LabelError } from '../errors/metric-learning-error.js'

/** The labels of one sample: levels of a hierarchy, or a column of 0 and 1 for each label (multi-hot). */
export type LabelRow = readonly number[]

/**
 * Whether a reference with these labels is what a query with those labels looks for: a positive in
 * losses and miners, a match in metrics. Need not be transitive, nor hold for a row and itself.
 */
export type LabelComparison = (query: LabelRow, reference: LabelRow) => boolean

/**
 * Multi-hot rows: positives share at least one label.
 *
 * @throws {LabelError} when a row is the number of one class, a single integer other than 0 and 1: all classes but the first would be one.
 */
export const sharesLabel: LabelComparison = (query, reference) => {
  for (const row of [query, reference]) {
    if (row.length !== 1 || row[0] === 0 || row[0] === 1) continue
    throw new LabelError({
      who: 'sharesLabel',
      wanted: 'rows with a column of 0 and 1 for each label',
      got: `the one number ${row[0]}`,
      fix: 'Pass multi-hot rows; classes by number are compared without a rule of your own.',
    })
  }
  return query.some((has, column) => has > 0 && reference[column]! > 0)
}

/**
 * Hierarchy: positives are equal at this level (a column, from 0).
 *
 * @throws {LabelError} when it compares rows that have no such column: all would be positives.
 */
export const equalAtLevel =
  (level: number): LabelComparison =>
  (query, reference) => {
    for (const row of [query, reference]) {
      if (level in row) continue
      throw new LabelError({
        who: 'equalAtLevel',
        wanted: `rows with a column ${level}, counted from 0`,
        got: `one of ${row.length}`,
        fix: 'Pass rows with all levels, or name one that they have.',
      })
    }
    return query[level] === reference[level]
  }
