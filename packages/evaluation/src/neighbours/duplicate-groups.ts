import type { HostMatrix } from '../embeddings/embedding-matrix.js'

/** A number a row; equal exactly where rows are. */
export interface DuplicateGroups {
  readonly query: Int32Array
  readonly reference: Int32Array
}

/** Which rows are equal, bit for bit; `undefined` when no two are, other than a query and itself. */
export function duplicateGroups(query: HostMatrix, reference: HostMatrix): DuplicateGroups | undefined {
  // Queries that are the first references, in the very same memory, need no second look.
  const isPrefix = query.values.buffer === reference.values.buffer && query.values.byteOffset === reference.values.byteOffset
  const groupOf = rowGrouping(reference.dim)
  const referenceGroups = Int32Array.from({ length: reference.rows }, (_, row) => groupOf(reference, row))
  const queryGroups = isPrefix
    ? referenceGroups.subarray(0, query.rows)
    : Int32Array.from({ length: query.rows }, (_, row) => groupOf(query, row))
  const rows = reference.rows + (isPrefix ? 0 : query.rows)
  return groupOf.count() === rows ? undefined : { query: queryGroups, reference: referenceGroups }
}

interface RowGrouping {
  (matrix: HostMatrix, row: number): number
  count(): number
}

/** Numbers rows by their content, in the order in which contents are first seen. */
function rowGrouping(dim: number): RowGrouping {
  const candidates = new Map<number, { readonly bits: Int32Array; readonly group: number }[]>()
  let groups = 0
  const groupOf = ({ values }: HostMatrix, row: number): number => {
    const bits = new Int32Array(values.buffer, values.byteOffset + 4 * row * dim, dim)
    const key = hash(bits)
    const found = candidates.get(key)?.find((other) => other.bits.every((word, i) => word === bits[i]))
    if (found) return found.group
    const entry = { bits, group: groups++ }
    const list = candidates.get(key)
    if (list) list.push(entry)
    else candidates.set(key, [entry])
    return entry.group
  }
  return Object.assign(groupOf, { count: () => groups })
}

/** FNV-1a over 32-bit words. */
function hash(words: Int32Array): number {
  let value = 0x811c9dc5
  for (const word of words) value = Math.imul(value ^ word, 0x01000193)
  return value
}
