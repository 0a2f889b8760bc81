import type { SelectionIndices } from '@metric-learning/contracts'

/** An index tuple of a golden file with names; `undefined` when there is none. */
export function toIndices(tuple: unknown): SelectionIndices | undefined {
  if (tuple === undefined) return undefined
  const [a, b, c, d] = tuple as [number[], number[], number[], number[] | undefined]
  return d ? { anchor1: a, positive: b, anchor2: c, negative: d } : { anchor: a, positive: b, negative: c }
}

/** Tuples as strings in an order of their own, so that two lists of them compare as multisets. */
export function sortedTuples(...vectors: readonly ArrayLike<number>[]): string[] {
  return Array.from(vectors[0]!, (_, i) => vectors.map((vector) => vector[i]).join(',')).sort()
}
