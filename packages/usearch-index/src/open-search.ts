import type { ExactScores, HostReferences } from '@metric-learning/evaluation'
import type { Graph } from './graph.js'

/** What a search looks at: from where it began, what is added or removed does not count. */
export interface OpenSearch {
  readonly references: HostReferences
  readonly exact: ExactScores
  /** May have rows besides, which were removed before, or added since. */
  readonly graph: Graph
}

/** References by row that the graph led to when so many were asked for; all where it was not asked. */
interface Found {
  readonly rows: Int32Array | undefined
  readonly looks: number
}

export interface Scored {
  readonly reference: number
  readonly score: number
}

/**
 * For each query the rows of about `looks` references that may be its nearest, or fewer where the graph leads to more that are none;
 * `undefined` where to look at all takes no longer.
 */
export function look({ references, graph }: OpenSearch, queries: readonly Float64Array[], looks: number): Int32Array[] | undefined {
  if (2 * looks >= references.size) return undefined
  const found = graph.search({ count: queries.length, at: (row) => queries[row]! }, Math.ceil((looks * graph.size) / references.size))
  return found.map((ids) => ids.map((id) => references.rowOf(id)).filter((row) => row !== -1))
}

/** The k nearest of what was found. Where that is too little, of more, and at last of all references. */
export function nearest(open: OpenSearch, query: Float64Array, { rows: found, looks }: Found, k: number, leaves: (reference: number) => boolean): Scored[] {
  const rows = found ?? Int32Array.from(open.references.ids.keys())
  const nearby = Array.from(rows).filter((row) => !leaves(row))
  if (found && (nearby.length < k || 2 * rows.length < looks)) {
    return nearest(open, query, { rows: look(open, [query], 4 * looks)?.[0], looks: 4 * looks }, k, leaves)
  }
  const scored = nearby.map((reference) => ({ reference, score: open.exact.score(query, reference) }))
  return scored.sort((a, b) => b.score - a.score || a.reference - b.reference).slice(0, k)
}
