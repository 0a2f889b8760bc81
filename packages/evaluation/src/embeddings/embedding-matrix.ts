import type * as tf from '@tensorflow/tfjs-core'
import { DataError, describeValue, isTensor, ShapeError, type EmbeddingMatrix } from '@metric-learning/contracts'

/** Embeddings on the host: row-major float32 [rows, dim]. */
export interface HostMatrix {
  readonly values: Float32Array
  readonly rows: number
  readonly dim: number
}

/**
 * Brings embeddings to the host as float32 and checks them. A Float32Array is taken as it is, not copied.
 *
 * @param own whether the values are to be a copy, taken at the call: what the caller writes after it does not count. Default false.
 * @throws {ShapeError} when it is no matrix of numbers or booleans, or has no rows.
 * @throws {DataError} when a value is not finite, or larger than float32 holds.
 */
export async function toHostMatrix(who: string, what: string, matrix: EmbeddingMatrix, own = false): Promise<HostMatrix> {
  const host = isTensor(matrix) ? await readTensor(who, what, matrix) : isList(matrix) ? stackRows(who, what, matrix) : wrapArray(who, what, matrix)
  if (host.rows === 0) {
    throw new ShapeError({ who, wanted: `\`${what}\` with at least one row`, got: 'none', fix: 'Pass embeddings.' })
  }
  const { dim } = host
  const values = own && host.values instanceof Float32Array ? host.values.slice() : toFloat32(who, what, host.values, dim)
  if (!areFinite(values)) {
    const broken = values.findIndex((value) => !Number.isFinite(value))
    const given = host.values[broken]!
    throw new DataError({
      who,
      wanted: `\`${what}\` to be finite`,
      got: `${given}${Number.isFinite(given) ? ', which float32 does not hold,' : ''} in row ${Math.floor(broken / dim)}`,
      fix: Number.isFinite(given) ? 'Divide the embeddings by their scale.' : 'Check the model: its training may have diverged.',
    })
  }
  return { values, rows: host.rows, dim }
}

/** Whether all are: of a value that is not, the product with 0 is NaN. */
function areFinite(values: Float32Array): boolean {
  let [first, second, third, fourth] = [0, 0, 0, 0]
  const whole = values.length & ~3
  for (let i = 0; i < whole; i += 4) {
    first += values[i]! * 0
    second += values[i + 1]! * 0
    third += values[i + 2]! * 0
    fourth += values[i + 3]! * 0
  }
  for (let i = whole; i < values.length; i++) first += values[i]! * 0
  return first + second + third + fourth === 0
}

/** Row-major values of any kind that has a length. */
interface GivenMatrix {
  readonly values: ArrayLike<number>
  readonly rows: number
  readonly dim: number
}

async function readTensor(who: string, what: string, tensor: tf.Tensor): Promise<GivenMatrix> {
  if (tensor.isDisposed) throw noMatrix(who, what, 'a tensor that was disposed')
  if (tensor.rank !== 2 || tensor.shape[1] === 0) throw noMatrix(who, what, `[${tensor.shape.join(', ')}]`)
  if (tensor.dtype === 'string' || tensor.dtype === 'complex64') throw noMatrix(who, what, `a tensor of type ${tensor.dtype}`)
  const [rows, dim] = tensor.shape as [number, number]
  return { values: await tensor.data(), rows, dim }
}

function stackRows(who: string, what: string, rows: readonly ArrayLike<number>[]): GivenMatrix {
  const dim = isRow(rows[0]) ? rows[0].length : 0
  const odd = rows.findIndex((row) => !isRow(row) || row.length !== dim || dim === 0)
  if (odd !== -1) {
    const row: unknown = rows[odd]
    throw noMatrix(who, what, isRow(row) ? `${row.length} numbers in row ${odd}${odd > 0 ? `, ${dim} in row 0` : ''}` : `${describeValue(row)} as row ${odd}`)
  }
  const values = new Float64Array(rows.length * dim)
  rows.forEach((row, at) => {
    for (let i = 0; i < dim; i++) values[at * dim + i] = numberOf(who, what, row[i], at)
  })
  return { values, rows: rows.length, dim }
}

function wrapArray(who: string, what: string, matrix: unknown): GivenMatrix {
  const { embeddings, dim } = (matrix ?? {}) as { readonly embeddings?: unknown; readonly dim?: unknown }
  if (!isRow(embeddings)) throw noMatrix(who, what, describeValue(matrix))
  const rows = embeddings.length / Number(dim)
  if (!Number.isInteger(dim) || Number(dim) < 1 || !Number.isInteger(rows)) {
    throw noMatrix(who, what, `${embeddings.length} values in rows of ${describeValue(dim)}`)
  }
  return { values: embeddings, rows, dim: Number(dim) }
}

const isList = (value: unknown): value is readonly ArrayLike<number>[] => Array.isArray(value)
const isRow = (value: unknown): value is ArrayLike<number> => Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))

function toFloat32(who: string, what: string, values: ArrayLike<number>, dim: number): Float32Array {
  if (values instanceof Float32Array) return values
  const isTyped = ArrayBuffer.isView(values) && typeof values[0] === 'number'
  return isTyped ? Float32Array.from(values) : Float32Array.from(values, (value, i) => numberOf(who, what, value, Math.floor(i / dim)))
}

function numberOf(who: string, what: string, value: unknown, row: number): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value)
  throw noMatrix(who, what, `${describeValue(value)} in row ${row}`)
}

const noMatrix = (who: string, what: string, got: string) =>
  new ShapeError({
    who,
    wanted: `numbers in \`${what}\` of shape [rows, dim]`,
    got,
    fix: `Pass a tensor of rank 2, rows of one length, or { embeddings, dim } with dim values a row.`,
  })
