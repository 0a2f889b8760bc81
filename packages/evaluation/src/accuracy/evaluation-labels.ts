import { LabelError, type LabelRow, type Labels } from '@metric-learning/contracts'

/** One integer a row, or several (levels of a hierarchy, say) that a {@link LabelComparison} understands. */
export type EvaluationLabels = Labels | readonly (readonly number[])[]

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
  const table = Array.from<number | LabelRow, LabelRow>(labels, (label) => (typeof label === 'number' ? [label] : label))
  const width = table[0]?.length
  const fault = table.findIndex((row) => row.length !== width || row.length === 0 || !row.every(Number.isInteger))
  if (fault !== -1) {
    throw new LabelError({
      who,
      wanted: `\`${what}\` to be integers, as many in each row`,
      got: `${String(table[fault])} in row ${fault}`,
      fix: 'Number the classes with integers.',
    })
  }
  return table
}
