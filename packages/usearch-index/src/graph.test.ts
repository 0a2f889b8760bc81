import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '@metric-learning/contracts'
import type * as usearch from 'usearch'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Graph, type GraphOptions, type Precision, type Rows } from './graph.js'

const library = vi.hoisted(() => ({
  /** Whether this row is left without a way to it, when several are linked in one call. */
  loses: (_id: number): boolean => false,
}))

vi.mock('usearch', async (importActual) => {
  const actual = await importActual<typeof usearch>()
  class Losing extends actual.Index {
    override add(keys: BigUint64Array, vectors: Float32Array, threads?: number): void {
      const dim = vectors.length / keys.length
      const kept = [...keys.keys()].filter((row) => keys.length === 1 || !library.loses(Number(keys[row])))
      if (kept.length === 0) return
      super.add(BigUint64Array.from(kept, (row) => keys[row]!), Float32Array.from(kept.flatMap((row) => [...vectors.subarray(row * dim, (row + 1) * dim)])), threads)
    }
  }
  return { ...actual, Index: Losing }
})

const OPTIONS: GraphOptions = { metric: 'l2sq', connectivity: 16, expansionAdd: 64, threads: 8 }

function drawn(count: number, dim: number, seed: number): Rows {
  const random = new Random(seed)
  const rows = Array.from({ length: count }, () => Float64Array.from({ length: dim }, () => random.normal()))
  return { count, at: (row) => rows[row]! }
}

const idsOf = ({ count }: Rows): Int32Array => Int32Array.from({ length: count }, (_, row) => row)

async function graphOf(rows: Rows, options: Partial<GraphOptions> = {}, precision: Precision = 'f16'): Promise<Graph> {
  const graph = Graph.of(rows, precision, { ...OPTIONS, ...options })
  await graph.add(idsOf(rows), rows)
  return graph
}

/** Rows that are not among the `count` that a search for them gives. */
const unfound = (graph: Graph, rows: Rows, count: number): number[] =>
  graph.search(rows, count).flatMap((ids, row) => (ids.includes(row) ? [] : [row]))

describe('a graph', () => {
  afterEach(() => {
    library.loses = () => false
  })

  it('has a way to every row of many small ones that several threads link', async () => {
    const lost: number[][] = []
    for (let seed = 0; seed < 300; seed++) {
      const rows = drawn(40, 4, seed)
      const missing = unfound(await graphOf(rows), rows, 40)
      if (missing.length > 0) lost.push([seed, ...missing])
    }
    expect(lost).toEqual([])
  }, 120_000)

  it('says whether float16 tells its rows apart: not a crowd within a rounding, nor rows that an outlier makes too small, but copies, where they are few', async () => {
    const random = new Random(4)
    const crowd = (count: number, width: number) => Array.from({ length: count }, () => Float64Array.from({ length: 6 }, () => 1 + width * random.normal()))
    const told = async (rows: readonly ArrayLike<number>[], precision: Precision = 'f16') => {
      const given: Rows = { count: rows.length, at: (row) => rows[row]! }
      return Graph.of(given, precision, OPTIONS).add(idsOf(given), given)
    }
    const around = crowd(300, 3)
    expect(await told(around)).toBe(true)
    expect(await told([...around, ...crowd(6, 1e-5)])).toBe(true)
    expect(await told([...around, ...crowd(20, 1e-5)])).toBe(false)
    expect(await told([...around, ...crowd(20, 1e-5)], 'f32')).toBe(true)
    expect(await told([...around, [1e9, 0, 0, 0, 0, 0]])).toBe(false)
  })

  it('links again what a search does not find, and gives each id once', async () => {
    library.loses = (id) => id % 7 === 3
    const rows = drawn(300, 6, 1)
    const graph = await graphOf(rows)
    expect(unfound(graph, rows, 8)).toEqual([])
    for (const ids of graph.search(rows, 300)) expect(new Set(ids).size).toBe(ids.length)
  })

  it.each([1, 2])('does not link a crowd of equals again and again, of which a search finds only some, with %i threads', async (threads) => {
    const rows: Rows = { count: 600, at: (row) => (row < 500 ? [1, 2] : [row, -row]) }
    const graph = await graphOf(rows, { threads })
    expect(graph.size).toBeLessThanOrEqual(700)
  })

  it.each(['l2sq', 'ip'] as const)('is the same again after it was saved, and can be added to, by %s', async (metric) => {
    const rows = drawn(200, 6, 2)
    const graph = await graphOf(rows, { metric })
    const stored = await graph.bytes(join(tmpdir(), `graph-${metric}-${process.pid}`))
    const again = (await Graph.from(stored, 6, { ...OPTIONS, metric }, join(tmpdir(), `graph-again-${metric}-${process.pid}`)))!
    expect(again.search(rows, 16)).toEqual(graph.search(rows, 16))
    expect([again.has(idsOf(rows)), again.has(Int32Array.of(3, 200))]).toEqual([true, false])
    await again.add(Int32Array.of(200), drawn(1, 6, 3))
    expect([again.size, again.has(Int32Array.of(200))]).toEqual([201, true])
  })
})
