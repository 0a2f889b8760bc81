import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { cannotWrite, DataError, StateError } from '@metric-learning/contracts'
import { decodeSafetensors, encodeSafetensors, type Safetensors } from '@metric-learning/models'
import writeFileAtomic from 'write-file-atomic'

/** What a file of an index holds. */
export interface StoredIndex {
  /** float32 [ids, dim], row-major. */
  readonly values: Float32Array
  readonly dim: number
  /** Ascending. */
  readonly ids: Int32Array
  /** Above all ids that were ever given. */
  readonly nextId: number
  /** What the index ranks by, in words. */
  readonly distance: string
  /** What an approximate index has made of the embeddings, and how: an exact one does without. */
  readonly graph?: { readonly bytes: Uint8Array; readonly description: string } | undefined
}

const FORMAT = 'metric-learning neighbour index 1'

/**
 * Writes an index as a safetensors file: `embeddings` F32 [size, dim] and `ids` I32 [size]; format, distance, next id and
 * the checksum (SHA-256) of both as metadata. The graph of an approximate index is `graph` U8, with its description and a checksum of each.
 *
 * @throws {DataError} when it can't be written.
 */
export async function writeIndexFile(who: string, path: string, { values, dim, ids, nextId, distance, graph }: StoredIndex): Promise<void> {
  const tensors: Safetensors['tensors'] = new Map([
    ['embeddings', { shape: [ids.length, dim], values }] as const,
    ['ids', { shape: [ids.length], values: ids }] as const,
    ...(graph ? [['graph', { shape: [graph.bytes.length], values: graph.bytes }] as const] : []),
  ])
  const ofGraph = graph && { graph: graph.description, graphChecksum: checksum(graph.bytes), frameChecksum: checksum(Buffer.from(graph.description)) }
  const bytes = encodeSafetensors({ tensors, metadata: { format: FORMAT, distance, nextId: String(nextId), checksum: checksum(values, ids), ...ofGraph } })
  try {
    await mkdir(dirname(path), { recursive: true })
    // Node writes all of it or fails; the library's own write takes what a disk that fills had room for as the whole.
    await writeFileAtomic(path, '', { tmpfileCreated: (temporary) => writeFileSync(temporary, bytes) })
  } catch (cause) {
    throw cannotWrite(who, path, cause)
  }
}

/**
 * Reads what {@link writeIndexFile} wrote.
 *
 * @param ranksBy what the index that reads it ranks by, in words
 * @throws {DataError} when it can't be read, or is no whole file of an index.
 * @throws {StateError} when it is that of an index that ranks by something else.
 */
export async function readIndexFile(who: string, path: string, ranksBy: string): Promise<Omit<StoredIndex, 'distance'>> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const got = cause instanceof Error ? cause.message : String(cause)
    throw new DataError({ who, wanted: `a file that can be read at ${path}`, got, fix: 'Check the path.', cause })
  })
  const { tensors, metadata } = decodeSafetensors(path, bytes)
  const [embeddings, ids] = [tensors.get('embeddings'), tensors.get('ids')]
  const graph = readGraph({ tensors, metadata })
  const stored = { values: embeddings?.values, dim: embeddings?.shape[1], ids: ids?.values, nextId: Number(metadata['nextId']), graph }
  const fault = faultOf({ tensors, metadata })
  if (fault !== undefined) throw new DataError({ who, wanted: `a file that save() of an index wrote at ${path}`, got: fault, fix: 'Save the index again.' })
  const { distance } = metadata
  if (distance === ranksBy) return stored as Omit<StoredIndex, 'distance'>
  throw new StateError({ who, wanted: `an index that ranks by ${ranksBy}`, got: `one by ${distance} in ${path}`, fix: 'Make the index with the distance of the one that was saved.' })
}

/** The graph of a file from before descriptions had a checksum is not read: its references are linked anew. */
function readGraph({ tensors, metadata }: Safetensors): StoredIndex['graph'] {
  const [bytes, description] = [tensors.get('graph')?.values, metadata['graph']]
  return bytes instanceof Uint8Array && description !== undefined && metadata['frameChecksum'] !== undefined ? { bytes, description } : undefined
}

function checksum(...arrays: readonly (Uint8Array | Float32Array | Int32Array)[]): string {
  const hash = createHash('sha256')
  for (const { buffer, byteOffset, byteLength } of arrays) hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  return hash.digest('hex')
}

function faultOf({ tensors, metadata }: Safetensors): string | undefined {
  if (metadata['format'] !== FORMAT) return `the format ${JSON.stringify(metadata['format'] ?? null)} in place of ${JSON.stringify(FORMAT)}`
  const [embeddings, ids] = [tensors.get('embeddings'), tensors.get('ids')]
  if (!embeddings || !ids || metadata['distance'] === undefined) return 'one that lacks embeddings, ids or a distance'
  const [rows, dim = 0] = embeddings.shape
  if (!(embeddings.values instanceof Float32Array) || embeddings.shape.length !== 2 || !rows || !dim) return `embeddings of shape [${embeddings.shape.join(', ')}], or of another type than F32`
  if (embeddings.values.some((value) => !Number.isFinite(value))) return 'embeddings that are not finite'
  if (!(ids.values instanceof Int32Array) || ids.shape.join() !== String(rows)) return `ids of shape [${ids.shape.join(', ')}] for ${rows} embeddings, or of another type than I32`
  if (ids.values.some((id, i) => id < 0 || (i > 0 && id <= ids.values[i - 1]!))) return 'ids that are not ascending from 0'
  if (checksum(embeddings.values, ids.values) !== metadata['checksum']) return 'embeddings and ids with another checksum'
  const graph = readGraph({ tensors, metadata })
  if (graph && checksum(graph.bytes) !== metadata['graphChecksum']) return 'a graph with another checksum'
  if (graph && checksum(Buffer.from(graph.description)) !== metadata['frameChecksum']) return 'a description of a graph with another checksum'
  const nextId = Number(metadata['nextId'])
  return Number.isSafeInteger(nextId) && nextId > ids.values[rows - 1]! ? undefined : `the next id ${String(metadata['nextId'])}, which was given already`
}
