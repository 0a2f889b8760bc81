import { Random, type Embeddings, type MatchRequest, type NeighbourRequest } from '@metric-learning/contracts'
import { CosineSimilarity, DotProductSimilarity, LpDistance } from '@metric-learning/distances'
import { nativeNeighbours } from '@metric-learning/ops'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { ExactNeighbourIndex, type ExactNeighbourIndexOptions } from '../exact-neighbour-index.js'
import { fill, KINDS, matrix } from '../hard-embeddings.fixture.js'
import { withoutNative } from '../without-native.fixture.js'

const DISTANCES = {
  'squared distances': undefined,
  'distances of directions': new LpDistance({ power: 3 }),
  'cosines': new CosineSimilarity(),
  'products': new DotProductSimilarity({ normalizeEmbeddings: false }),
}

/** Normal noise around the centres of classes. */
function groups(rows: number, dim: number, classes: number, seed: number): Embeddings {
  const random = new Random(seed)
  const centres = fill(classes, dim, () => random.normal())
  return matrix(Array.from({ length: rows }, (_, row) => centres[row % classes]!.map((value) => value + 0.7 * random.normal())))
}

async function search(index: ExactNeighbourIndex, request: NeighbourRequest): Promise<{ ids: number[]; distances: number[] }> {
  const [ids, distances]: number[][] = [[], []]
  for await (const tile of index.search(request)) {
    for (const id of tile.ids) ids!.push(id)
    for (const distance of tile.distances) distances!.push(distance)
  }
  return { ids: ids!, distances: distances! }
}

async function rank(index: ExactNeighbourIndex, request: MatchRequest): Promise<number[][]> {
  const all: number[][] = []
  for await (const { rowCount, offsets, ranks } of index.rank(request)) for (let row = 0; row < rowCount; row++) all.push(Array.from(ranks.subarray(offsets[row], offsets[row + 1])))
  return all
}

/** What native code gives, and what the device and the host give. */
async function both<T>(reference: Embeddings, options: ExactNeighbourIndexOptions, look: (index: ExactNeighbourIndex) => Promise<T>): Promise<[native: T, device: T]> {
  const found: T[] = []
  for (const take of [() => () => undefined, withoutNative]) {
    const bringBack = take()
    const index = new ExactNeighbourIndex(options)
    try {
      await index.add(reference)
      found.push(await look(index))
    } finally {
      index.dispose()
      bringBack()
    }
  }
  return found as [T, T]
}

/** As `toEqual`, of millions of numbers. */
const expectSame = (a: unknown, b: unknown) => {
  expect(JSON.stringify(a) === JSON.stringify(b)).toBe(true)
}

const shapes = fc.record({ seed: fc.nat(), rows: fc.integer({ min: 16, max: 150 }), dim: fc.integer({ min: 1, max: 150 }), k: fc.integer({ min: 1, max: 64 }), classes: fc.integer({ min: 1, max: 9 }) })

describe.runIf(nativeNeighbours())('native code', () => {
  it.each(Object.entries(DISTANCES))('finds the neighbours of the device, and their distances, bit for bit, by %s', async (_, distance) => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.constantFrom(...Object.keys(KINDS)), async ({ seed, rows, dim, k }, kind) => {
        const random = new Random(seed)
        const [reference, query] = [matrix(KINDS[kind]!(random, rows, dim)), matrix(KINDS[kind]!(random, 20, dim))]
        const ids = Int32Array.from({ length: 18 }, () => random.int(rows))
        for (const request of [{ k }, { k, query }, { k, ids }]) {
          const [native, device] = await both(reference, distance ? { distance } : {}, (index) => search(index, request))
          expect(native).toEqual(device)
        }
      }),
      { numRuns: 16, seed: 3 },
    )
  })

  it.each(Object.keys(KINDS))('finds the ranks that the neighbours of the device have, among few and among all, with %s', async (kind) => {
    await fc.assert(
      fc.asyncProperty(shapes, async ({ seed, rows, dim, k, classes }) => {
        const random = new Random(seed)
        const reference = matrix(KINDS[kind]!(random, rows, dim))
        const referenceClasses = Int32Array.from({ length: rows }, () => random.int(classes))
        // A class that no reference has is asked for, too.
        const request = { referenceClasses, matchingClasses: (query: number) => [referenceClasses[query]!, classes + 3] }
        const bringBack = withoutNative()
        const index = new ExactNeighbourIndex()
        await index.add(reference)
        const { ids } = await search(index, { k: 'all' })
        bringBack()
        const depth = rows - 1
        const ranks = Array.from({ length: rows }, (_, query) => ids.slice(query * depth, (query + 1) * depth).flatMap((id, i) => (referenceClasses[id] === referenceClasses[query] ? [i + 1] : [])))
        expect(await rank(index, { ...request, k: 'all' })).toEqual(ranks)
        expect(await rank(index, { ...request, k })).toEqual(ranks.map((some) => some.filter((one) => one <= k)))
        index.dispose()
      }),
      { numRuns: 5, seed: 4 },
    )
  })

  it.each(Object.entries(DISTANCES))('finds the same of many blocks, in tiles and at once, by %s', async (_, distance) => {
    const reference = groups(1000, 24, 30, 1)
    for (const tileBytes of [256 * 2 ** 20, 100_000]) {
      const options = { ...(distance && { distance }), tileBytes }
      const [native, device] = await both(reference, options, (index) => search(index, { k: 60 }))
      expectSame(native, device)
    }
    const referenceClasses = Int32Array.from({ length: 1000 }, (_, row) => row % 30)
    for (const k of [30, 500, 'all'] as const) {
      const [native, device] = await both(reference, distance ? { distance } : {}, (index) => rank(index, { k, referenceClasses, matchingClasses: (query) => [query % 30, (query + 1) % 30] }))
      expectSame(native, device)
    }
  })

  it('finds the same among thousands of copies, of which the first that were added are the nearest', async () => {
    const random = new Random(5)
    const few = fill(3, 8, () => random.normal())
    const reference = matrix(Array.from({ length: 900 }, () => few[random.int(3)]!))
    const referenceClasses = Int32Array.from({ length: 900 }, () => random.int(2))
    const [native, device] = await both(reference, {}, async (index) => [await search(index, { k: 20 }), await rank(index, { k: 400, referenceClasses, matchingClasses: (query) => [referenceClasses[query]!] })])
    expectSame(native, device)
  })

  it('finds the same of embeddings of which one is far off, and of queries that are', async () => {
    const reference = groups(400, 16, 4, 6)
    reference.embeddings.fill(1e12, 0, 16)
    const query = groups(40, 16, 4, 7)
    for (const [row, size] of [1e3, 1e10, 1e30].entries()) query.embeddings.fill(size, 16 * row, 16 * row + 16)
    const [native, device] = await both(reference, {}, async (index) => [await search(index, { k: 9 }), await search(index, { query, k: 9 })])
    expect(native).toEqual(device)
  })

  it('finds the same on however many threads', async () => {
    const { neighbours } = nativeNeighbours()!
    const { embeddings: values, dim } = groups(1700, 20, 12, 8)
    const rows = values.length / dim
    const itself = Int32Array.from({ length: rows }, (_, row) => row)
    const found = await Promise.all([1, 2, 5].map(async (threads) => {
      const references = neighbours.references({ values, centre: new Float64Array(dim), scale: 0.1, isSquared: true, threads })
      const { search, steps } = neighbours.nearest({ references, itself, first: 0, count: rows, k: 7 })
      await neighbours.runNearest({ search, from: 0, to: steps, threads })
      const ranks = neighbours.ranks({ references, classOf: itself.map((row) => row % 12), classes: 12, k: 1000, blockRows: 50 })
      const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => row)
      const matching = itself.map((row) => row % 12)
      const nearest = await neighbours.finishNearest({ search, scores: true, threads })
      const ranked = await neighbours.runRanks({ references, itself, search: ranks, first: 0, count: rows, offsets, matching, threads })
      return [nearest.rows, nearest.scores!, ranked.offsets, ranked.ranks].map((numbers) => Array.from(numbers))
    }))
    expectSame(found[1], found[0])
    expectSame(found[2], found[0])
  })

  it('leaves the event loop alone, tells how far it is, and may be left early', async () => {
    const index = new ExactNeighbourIndex({ tileBytes: 2 ** 20 })
    await index.add(groups(6000, 64, 10, 9))
    let turns = 0
    let isDone = false
    const turn = () => {
      turns++
      if (!isDone) setImmediate(turn)
    }
    setImmediate(turn)
    const told: number[] = []
    for await (const { rowCount } of index.search({ k: 3, onProgress: (done, total) => told.push(done / total) })) expect(rowCount).toBeLessThanOrEqual(260)
    isDone = true
    expect(turns).toBeGreaterThan(100)
    expect(told.every((done, i) => i === 0 || done > told[i - 1]!) && told.at(-1)).toBe(1)
    for await (const { firstRow } of index.rank({ referenceClasses: new Int32Array(6000), matchingClasses: () => [0] })) if (firstRow > 0) break
    index.dispose()
  })

  it('says what it will take, and keeps to it', async () => {
    const index = new ExactNeighbourIndex({ tileBytes: 1e6 })
    await index.add(groups(1000, 16, 3, 1))
    const plan = index.plan({ queries: 5000, k: 10 })
    expect(plan).toMatchObject({ tileRows: 225, tiles: 23, referenceBytes: 4 * 1000 * (22 + 16) })
    expect(plan.tileBytes).toBeLessThanOrEqual(1e6)
    expect(plan.text).toBe('1,000 references of 16 numbers take up to 0.145 MiB on the host; 5,000 queries in 23 tiles of up to 225 take 0.953 MiB at a time; 1.1 MiB in all')
    const rows: number[] = []
    for await (const tile of index.search({ query: groups(5000, 16, 3, 2), k: 10 })) rows.push(tile.rowCount)
    expect([rows.length, Math.max(...rows)]).toEqual([23, 225])
  })

  it('keeps to the budget where all references are ranked, by fewer threads if need be', async () => {
    const { neighbours } = nativeNeighbours()!
    const [ranks, runRanks] = [vi.spyOn(neighbours, 'ranks'), vi.spyOn(neighbours, 'runRanks')]
    try {
      for (const tileBytes of [80_000, 200_000, 1e6]) {
        const index = new ExactNeighbourIndex({ tileBytes })
        await index.add(groups(1000, 16, 3, 1))
        for await (const { k } of index.rank({ referenceClasses: new Int32Array(1000), matchingClasses: () => [0] })) expect(k).toBe(999)
        const plan = index.plan({ queries: 1000, k: 'all', ranks: true })
        index.dispose()
        const [{ blockRows }, { threads }] = [ranks.mock.lastCall![0], runRanks.mock.lastCall![0]]
        // Scores of whole strips of up to 12 queries, and 24 bytes for each reference of the query that is sorted.
        expect(threads * 1000 * (4 * 12 * Math.ceil(blockRows / 12) + 24)).toBe(plan.tileBytes)
        expect(plan).toMatchObject({ tileRows: threads * blockRows, tiles: Math.ceil(1000 / (threads * blockRows)), referenceBytes: 4 * 1000 * 22 })
        expect(plan.tileBytes).toBeLessThanOrEqual(tileBytes)
      }
    } finally {
      ranks.mockRestore()
      runRanks.mockRestore()
    }
  })

  it('refuses what would have it read other memory', () => {
    const { neighbours } = nativeNeighbours()!
    const given = { values: new Float32Array(12), centre: new Float64Array(3), scale: 1, isSquared: true, threads: 1 }
    expect(() => neighbours.references({ ...given, centre: new Float64Array(5) })).toThrow('whole rows')
    expect(() => neighbours.references({ ...given, values: new Float64Array(12) as never })).toThrow('values is an array of another kind')
    expect(() => neighbours.references({ ...given, inverseNorms: new Float64Array(3) })).toThrow('one of each row')
    const references = neighbours.references(given)
    expect(() => neighbours.nearest({ references, first: 2, count: 3, k: 1 })).toThrow('no such queries')
    expect(() => neighbours.nearest({ references, itself: Int32Array.of(0, 1, 2, 4), first: 0, count: 4, k: 1 })).toThrow('itself is no reference')
    expect(() => neighbours.ranks({ references, classOf: Int32Array.of(0, 0, 0, 1), classes: 1, k: 1, blockRows: 1 })).toThrow('a class is none of them')
    expect(() => neighbours.ranks({ references, classOf: new Int32Array(4), classes: 1, k: 0, blockRows: 1 })).toThrow('no ranks')
    const wider = neighbours.references({ ...given, centre: new Float64Array(4) })
    const others = neighbours.queries({ references: wider, values: new Float32Array(16), threads: 1 })
    expect(() => neighbours.nearest({ references, queries: others, first: 0, count: 4, k: 1 })).toThrow('queries are not as wide as the references')
    const search = neighbours.ranks({ references, classOf: new Int32Array(4), classes: 1, k: 1, blockRows: 1 })
    const asked = { search, first: 0, count: 1, offsets: Int32Array.of(0, 1), matching: Int32Array.of(0), threads: 1 }
    expect(() => neighbours.runRanks({ ...asked, references: wider })).toThrow('references are not those of the search')
  })
})
