import { DataError, expectBoolean, expectFunction, expectKnownOptions, LabelError, OptionError, ShapeError, type Embeddings, type LabelRow } from '@metric-learning/contracts'
import { toHostMatrix, type HostMatrix } from '../embeddings/embedding-matrix.js'
import type { AccuracyRequest } from './accuracy-options.js'
import { readLabels, type LabelValue } from './evaluation-labels.js'

/** Embeddings on the host with the labels of each row. */
export interface LabelledEmbeddings {
  readonly matrix: Embeddings
  readonly rows: number
  readonly labels: readonly LabelRow[]
}

/** What is compared with what. */
export interface EvaluationSets {
  readonly query: LabelledEmbeddings
  readonly reference: LabelledEmbeddings
  readonly refIncludesQuery: boolean
  /** The labels that a row of labels stands for. */
  valuesOf(row: LabelRow): readonly LabelValue[]
}

const who = 'AccuracyCalculator'
const KNOWN = ['query', 'queryLabels', 'reference', 'referenceLabels', 'refIncludesQuery', 'excludeReferences', 'include', 'exclude', 'onProgress']

/** Reads and checks what `getAccuracy` was given; the errors are those it documents. */
export async function readEvaluationSets(request: AccuracyRequest<string>, areSets: boolean): Promise<EvaluationSets> {
  expectKnownOptions(`${who}.getAccuracy`, request, KNOWN)
  const { queryLabels, reference, referenceLabels, refIncludesQuery, excludeReferences } = request
  if (!reference || !referenceLabels) expectBothOrNeither(request)
  if (excludeReferences !== undefined) expectFunction(who, 'excludeReferences', excludeReferences, '(row) => cameras.map((camera) => camera === cameras[row])')
  if (request.onProgress !== undefined) expectFunction(who, 'onProgress', request.onProgress, '(done, total) => console.log(done / total)')
  if (refIncludesQuery !== undefined) expectBoolean(who, 'refIncludesQuery', refIncludesQuery)
  const query = await toHostMatrix(who, 'query', request.query)
  const references = reference ? await toHostMatrix(who, 'reference', reference) : query
  const { valuesOf, ...labels } = readLabels({ queryLabels, referenceLabels, queries: query.rows, references: references.rows, areSets })
  const queries = labelled(query, labels.query)
  if (!reference) return { query: queries, reference: queries, refIncludesQuery: true, valuesOf }
  const sets = { query: queries, reference: labelled(references, labels.reference), refIncludesQuery: refIncludesQuery ?? false, valuesOf }
  expectSameWidth(query, references)
  if (sets.refIncludesQuery) expectQueriesFirst(sets)
  return sets
}

const labelled = ({ values, rows, dim }: HostMatrix, labels: readonly LabelRow[]): LabelledEmbeddings => ({
  matrix: { embeddings: values, dim },
  rows,
  labels,
})

function expectBothOrNeither({ reference, referenceLabels, refIncludesQuery }: AccuracyRequest<string>): void {
  if (reference || referenceLabels) {
    throw new LabelError({
      who,
      wanted: '`reference` and `referenceLabels` together',
      got: reference ? 'no `referenceLabels`' : 'no `reference`',
      fix: 'Pass both, or neither to look among the queries.',
    })
  }
  if (refIncludesQuery === false) {
    throw new OptionError({
      who,
      wanted: '`refIncludesQuery` left out without `reference`',
      got: 'false',
      fix: 'Without references each query is looked up among the others; leave the option out.',
    })
  }
}

function expectSameWidth(query: HostMatrix, reference: HostMatrix): void {
  if (query.dim === reference.dim) return
  throw new ShapeError({
    who,
    wanted: `\`reference\` of shape [rows, ${query.dim}], as wide as \`query\``,
    got: `[${reference.rows}, ${reference.dim}]`,
    fix: 'Embed both with the same model.',
  })
}

/** Close enough to be the same sample embedded twice: |q - r| <= 1e-8 + 1e-5 |r|. */
const isClose = (q: number, r: number) => Math.abs(q - r) <= 1e-8 + 1e-5 * Math.abs(r)

function expectQueriesFirst({ query, reference, valuesOf }: EvaluationSets): void {
  const { embeddings, dim } = query.matrix
  const embeddingFault = embeddings.findIndex((value, i) => !isClose(value, reference.matrix.embeddings[i] ?? NaN))
  const labelFault = query.labels.findIndex((row, i) => String(row) !== String(reference.labels[i]))
  if (embeddingFault === -1 && labelFault === -1) return
  const labelOf = ({ labels }: LabelledEmbeddings) => String(valuesOf(labels[labelFault]!))
  const got =
    query.rows > reference.rows
      ? `${reference.rows} references for ${query.rows} queries`
      : embeddingFault !== -1
        ? `other embeddings in row ${Math.floor(embeddingFault / dim)}`
        : `label ${labelOf(reference)} for ${labelOf(query)} in row ${labelFault}`
  throw new DataError({
    who,
    wanted: 'the references to begin with the queries when `refIncludesQuery` is true',
    got,
    fix: 'Put the queries first among the references, or pass `refIncludesQuery: false`.',
  })
}

/** Queries of which it is looked whether they are among the references, with their labels. */
const LOOKED_UP = 64

/** Whether the queries are among the references, in whatever order, and are not said to be: each is its own nearest neighbour. */
export function findThemselves({ query, reference, refIncludesQuery }: EvaluationSets): boolean {
  if (refIncludesQuery || query === reference || reference.rows < query.rows) return false
  const { dim, embeddings } = query.matrix
  const others = reference.matrix.embeddings
  /** Rows of queries that were not found yet, by their first number. */
  const left = new Map<number, readonly number[]>()
  for (let row = 0; row < query.rows; row += Math.ceil(query.rows / LOOKED_UP)) left.set(embeddings[row * dim]!, [...(left.get(embeddings[row * dim]!) ?? []), row])
  for (let at = 0; at < others.length && left.size > 0; at += dim) {
    const first = others[at]!
    const rows = left.get(first)
    if (!rows) continue
    const isOther = (row: number) => {
      for (let i = 1; i < dim; i++) if (embeddings[row * dim + i] !== others[at + i]) return true
      return String(query.labels[row]) !== String(reference.labels[at / dim])
    }
    const still = rows.filter(isOther)
    if (still.length === 0) left.delete(first)
    else if (still.length < rows.length) left.set(first, still)
  }
  return left.size === 0
}
