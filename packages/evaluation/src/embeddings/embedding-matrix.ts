import type * as tf from '@tensorflow/tfjs-core'
import { DataError, ShapeError, type EmbeddingMatrix, type Embeddings } from '@metric-learning/contracts'

/** Embeddings on the host: row-major float32 [rows, dim]. */
export interface HostMatrix {
  readonly values: Float32Array
  readonly rows: number
  readonly dim: number
}

/**
 * Brings embeddings to the host and checks them. A host array is taken as it is, not copied.
 *
 * @throws {ShapeError} when it is no matrix, or has no rows.
 * @throws {DataError} when a value is not finite.
 */
export async function toHostMatrix(who: string, what: string, matrix: EmbeddingMatrix): Promise<HostMatrix> {
  const host = 'dataId' in matrix ? await readTensor(who, what, matrix) : wrapArray(who, what, matrix)
  if (host.rows === 0) {
    throw new ShapeError({ who, wanted: `\`${what}\` with at least one row`, got: 'none', fix: 'Pass embeddings.' })
  }
  let broken = 0
  while (broken < host.values.length && Number.isFinite(host.values[broken]!)) broken++
  if (broken < host.values.length) {
    throw new DataError({
      who,
      wanted: `\`${what}\` to be finite`,
      got: `${host.values[broken]} in row ${Math.floor(broken / host.dim)}`,
      fix: 'Check the model: its training may have diverged.',
    })
  }
  return host
}

async function readTensor(who: string, what: string, tensor: tf.Tensor): Promise<HostMatrix> {
  if (tensor.rank !== 2 || tensor.shape[1] === 0) throw noMatrix(who, what, `[${tensor.shape.join(', ')}]`)
  const [rows, dim] = tensor.shape as [number, number]
  return { values: await tensor.data<'float32'>(), rows, dim }
}

function wrapArray(who: string, what: string, { embeddings, dim }: Embeddings): HostMatrix {
  const rows = embeddings.length / dim
  if (!Number.isInteger(dim) || dim < 1 || !Number.isInteger(rows)) {
    throw noMatrix(who, what, `${embeddings.length} values in rows of ${dim}`)
  }
  return { values: embeddings, rows, dim }
}

const noMatrix = (who: string, what: string, got: string) =>
  new ShapeError({
    who,
    wanted: `\`${what}\` of shape [rows, dim]`,
    got,
    fix: `Pass a tensor of rank 2, or { embeddings, dim } with dim values a row.`,
  })
