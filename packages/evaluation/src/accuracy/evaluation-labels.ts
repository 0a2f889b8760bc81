import { describeValue, LabelError, toLabelRows, type LabelRow, type Labels } from '@metric-learning/contracts'

/** A class by number or by name. */
export type LabelValue = number | string | bigint

/**
 * One label a row: an integer of 32 bits, a text or a bigint; or several (levels of a hierarchy, a set of labels) that a comparison
 * understands. All of one kind.
 */
export type EvaluationLabels =
  | Labels
  | readonly string[]
  | readonly bigint[]
  | BigInt64Array
  | BigUint64Array
  | readonly (readonly LabelValue[])[]

/** Labels of queries and references as rows of integers, of which equal ones are the same labels and ascending ones ascend. */
export interface CodedLabels {
  readonly query: readonly LabelRow[]
  readonly reference: readonly LabelRow[]
  /** The labels that a row stands for. */
  valuesOf(row: LabelRow): readonly LabelValue[]
}

export interface LabelsToRead {
  readonly queryLabels: EvaluationLabels
  /** Left out: the queries'. */
  readonly referenceLabels?: EvaluationLabels | undefined
  readonly queries: number
  readonly references: number
  /** Rows are sets: of any length, without order. */
  readonly areSets: boolean
}

const who = 'AccuracyCalculator'

/**
 * Reads labels of whatever kind.
 *
 * @throws {LabelError} when labels are no list, not one for each row, not of one kind, no integers, or rows differ in width that are no sets.
 */
export function readLabels({ queryLabels, referenceLabels, queries, references, areSets }: LabelsToRead): CodedLabels {
  const given = { queryLabels, ...(referenceLabels && { referenceLabels }) }
  expectOneEach('queryLabels', queryLabels, queries)
  if (referenceLabels) expectOneEach('referenceLabels', referenceLabels, references)
  const kind = kindOf(given)
  if (kind === 'number' && !areSets) {
    const query = toLabelRows(who, 'queryLabels', queryLabels as Labels)
    const reference = referenceLabels ? toLabelRows(who, 'referenceLabels', referenceLabels as Labels) : query
    return { query, reference, valuesOf: (row) => row }
  }
  const rows = Object.entries(given).map(([what, labels]) => valueRows(what, labels, kind, areSets))
  const values = [...new Set(rows.flat(2))].sort((a, b) => (a < b ? -1 : 1))
  const codes = new Map(values.map((value, code) => [value, code]))
  const coded = rows.map((ofSet) => ofSet.map((row) => row.map((value) => codes.get(value)!)))
  const [query, reference = query!] = areSets ? coded.map((ofSet) => ofSet.map((row) => [...new Set(row)].sort((a, b) => a - b))) : coded
  return { query: query!, reference, valuesOf: (row) => row.map((code) => values[code]!) }
}

function expectOneEach(what: string, labels: EvaluationLabels, rows: number): void {
  const length = typeof labels === 'object' ? (labels as { readonly length?: unknown } | null)?.length : undefined
  if (length === rows) return
  throw new LabelError({
    who,
    wanted: `one label in \`${what}\` for each of the ${rows} embeddings`,
    got: typeof length === 'number' ? String(length) : describeValue(labels),
    fix: 'Pass the labels of exactly these rows.',
  })
}

/** What all labels are, by the first that there is. */
function kindOf(given: Readonly<Record<string, EvaluationLabels>>): 'number' | 'string' | 'bigint' {
  for (const labels of Object.values(given)) {
    for (const row of labels) {
      const [value] = valuesIn(row)
      if (typeof value === 'string' || typeof value === 'bigint') return typeof value as 'string' | 'bigint'
      if (value !== undefined) return 'number'
    }
  }
  return 'number'
}

/** A row may be a typed array, too. */
const valuesIn = (row: LabelValue | readonly LabelValue[]): readonly LabelValue[] => (typeof row === 'object' && (row as unknown) !== null ? Array.from(row) : [row as LabelValue])

function valueRows(what: string, labels: EvaluationLabels, kind: string, areSets: boolean): (readonly LabelValue[])[] {
  const rows = Array.from<LabelValue | readonly LabelValue[], readonly LabelValue[]>(labels, valuesIn)
  const width = rows[0]?.length
  rows.forEach((row, i) => {
    const odd = row.find((value) => typeof value !== kind || (kind === 'number' && !Number.isSafeInteger(value)))
    if (odd !== undefined) throw wrong(what, kind === 'number' ? 'integers' : kind === 'bigint' ? 'bigints' : 'texts', `${describeValue(odd)} in row ${i}`)
    if (areSets || (row.length === width && width > 0)) return
    throw wrong(what, `rows of ${width} labels, as the first is`, `${row.length} in row ${i}`)
  })
  return rows
}

const wrong = (what: string, wanted: string, got: string): LabelError =>
  new LabelError({
    who,
    wanted: `\`${what}\` to be ${wanted}, those of queries and references alike`,
    got,
    fix: 'Give all labels as one kind, and each sample all columns; sets of labels go with `multiLabel: true`.',
  })
