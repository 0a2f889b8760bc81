import type { GraphTotal } from './profile-summary.js'

interface Counted {
  readonly graph: number
  readonly operations: readonly string[]
  runs: number
  total: number
  first: number
}

/** Adds up the runs of compiled graphs. */
export class GraphTotals {
  /** By session. A session's id is never used again. */
  readonly #graphs = new Map<number, Counted>()

  /** @returns the graph's number, from 1 */
  load(id: number, operations: readonly string[]): number {
    const graph = this.#graphs.size + 1
    this.#graphs.set(id, { graph, operations, runs: 0, total: 0, first: 0 })
    return graph
  }

  /** @returns the graph's number; 0 for one that was loaded before the profile began */
  run(id: number, milliseconds: number): number {
    const counted = this.#graphs.get(id)
    if (!counted) return 0
    if (counted.runs === 0) counted.first = milliseconds
    counted.runs += 1
    counted.total += milliseconds
    return counted.graph
  }

  rows(): GraphTotal[] {
    return [...this.#graphs.values()].map(({ operations, ...counted }) => ({ ...counted, operations: countByType(operations) }))
  }
}

function countByType(operations: readonly string[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const operation of operations) counts.set(operation, (counts.get(operation) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}
