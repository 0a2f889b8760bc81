/** The labels of one sample: levels of a hierarchy, or a column of 0 and 1 for each label (multi-hot). */
export type LabelRow = readonly number[]

/**
 * Whether a reference with these labels is what a query with those labels looks for: a positive in
 * losses and miners, a match in metrics. Need not be transitive, nor hold for a row and itself.
 */
export type LabelComparison = (query: LabelRow, reference: LabelRow) => boolean

/** Multi-hot rows: positives share at least one label. */
export const sharesLabel: LabelComparison = (query, reference) => query.some((has, column) => has > 0 && reference[column]! > 0)

/** Hierarchy: positives are equal at this level (a column, from 0). */
export const equalAtLevel =
  (level: number): LabelComparison =>
  (query, reference) =>
    query[level] === reference[level]
