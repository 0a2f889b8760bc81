import { isUtf8 } from 'node:buffer'

export interface TensorFile {
  readonly name: 'tensors.bytes' | 'tensors.tsv'
  readonly content: Buffer | string
}

/**
 * Embeddings as raw float32 bytes or, seldom, as text.
 *
 * TensorBoard takes every tensor file for text until decoding it as UTF-8 fails. Bytes whose first line happens to
 * be UTF-8 (0.5 is `00 00 00 3f`) would break it, so those are written as text: tabs between values, a line a row.
 */
export function tensorFile(embeddings: Float32Array, dim: number): TensorFile {
  const bytes = Buffer.from(embeddings.buffer, embeddings.byteOffset, embeddings.byteLength)
  const firstLine = bytes.subarray(0, lineEnd(bytes))
  if (!isUtf8(firstLine)) return { name: 'tensors.bytes', content: bytes }
  const rows = Array.from({ length: embeddings.length / dim }, (_, row) =>
    embeddings.subarray(row * dim, (row + 1) * dim).join('\t'),
  )
  return { name: 'tensors.tsv', content: `${rows.join('\n')}\n` }
}

function lineEnd(bytes: Buffer): number {
  const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d)
  return end < 0 ? bytes.length : end
}
