import { LabelError, toLabelRows, type LabelRow, type Labels } from '@metric-learning/contracts'

/** One integer a row, or several (levels of a hierarchy, say) that a {@link LabelComparison} understands. */
export type EvaluationLabels = Labels | readonly LabelRow[]

/**
 * Labels as rows of integers of one width.
 *
 * @throws {LabelError} when a label is no integer, rows differ in width, or there is not one row for each embedding.
 */
export function labelRows(who: string, what: string, labels: EvaluationLabels, rows: number): LabelRow[] {
  if (labels.length !== rows) {
    throw new LabelError({
      who,
      wanted: `one label in \`${what}\` for each of the ${rows} embeddings`,
      got: String(labels.length),
      fix: 'Pass the labels of exactly these rows.',
    })
  }
  return toLabelRows(who, what, labels)
}
