import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { DataError, OptionError, Random, ShapeError, StateError, type Embeddings, type MatchRequest, type NeighbourRequest } from '@metric-learning/contracts'
import { CosineSimilarity, DotProductSimilarity, LpDistance, SNRDistance } from '@metric-learning/distances'
import { describeNeighbourIndex } from '@metric-learning/plugin-testkit'
import fc from 'fast-check'
import { nativeNeighbours } from '@metric-learning/ops'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { euclidean, fill, KINDS, matrix, normalized, product, rowsOf, type Score } from './hard-embeddings.fixture.js'
import { ExactNeighbourIndex, type ExactNeighbourIndexOptions } from './exact-neighbour-index.js'
import { withoutNative } from './without-native.fixture.js'

function randomRows(rows: number, dim: number, seed: number, offset = 0): Embeddings {
  const random = new Random(seed)
  return { embeddings: Float32Array.from({ length: rows * dim }, () => offset + random.normal()), dim }
}

async function indexOf(reference: Embeddings, options: ExactNeighbourIndexOptions = {}): Promise<ExactNeighbourIndex> {
  const index = new ExactNeighbourIndex(options)
  await index.add(reference)
  return index
}

/** Ids and distances of all queries. */
async function search(index: ExactNeighbourIndex, request: NeighbourRequest): Promise<{ ids: number[][]; distances: number[][] }> {
  const [ids, distances]: number[][][] = [[], []]
  for await (const tile of index.search(request)) {
    for (let row = 0; row < tile.rowCount; row++) {
      ids!.push(Array.from(tile.ids.subarray(row * tile.k, (row + 1) * tile.k)))
      distances!.push(Array.from(tile.distances.subarray(row * tile.k, (row + 1) * tile.k)))
    }
  }
  return { ids: ids!, distances: distances! }
}

async function ranksOf(index: ExactNeighbourIndex, request: MatchRequest): Promise<number[][]> {
  const all: number[][] = []
  for await (const { rowCount, offsets, ranks } of index.rank(request)) {
    for (let row = 0; row < rowCount; row++) all.push(Array.from(ranks.subarray(offsets[row], offsets[row + 1])))
  }
  return all
}

/** All rows, nearest first, lowest row first among equals. */
function inOrder(query: readonly number[], reference: readonly (readonly number[])[], score: Score, itself = -1) {
  return reference
    .map((row, id) => ({ id, score: score(query, row) }))
    .filter(({ id }) => id !== itself)
    .sort((a, b) => b.score - a.score || a.id - b.id)
}

/** How many of some ascending numbers are less than one. */
const countBelow = (ascending: readonly number[], most: number): number => {
  const at = ascending.findIndex((value) => value >= most)
  return at === -1 ? ascending.length : at
}

const wantedIds = (query: Embeddings, reference: Embeddings, k: number, score: Score, isSame = false): number[][] =>
  rowsOf(query).map((row, i) => inOrder(row, rowsOf(reference), score, isSame ? i : -1).slice(0, k).map(({ id }) => id))

const cases = fc.record({ seed: fc.nat(), rows: fc.integer({ min: 2, max: 60 }), dim: fc.integer({ min: 1, max: 40 }), k: fc.integer({ min: 1, max: 8 }) })

/** Whether ids are those of float64, but for references whose scores it can't tell apart. */
function expectOrder(found: readonly number[], wanted: readonly { id: number; score: number }[], size: number): void {
  const scores = new Map(wanted.map(({ id, score }) => [id, score]))
  expect(new Set(found).size).toBe(found.length)
  found.forEach((id, i) => {
    const [got, best] = [scores.get(id)!, wanted[i]!.score]
    if (got !== best) expect(Math.abs(got - best)).toBeLessThanOrEqual(1e-14 * size)
    else if (id !== wanted[i]!.id) expect(wanted.filter(({ score }) => score === got).length).toBeGreaterThan(1)
  })
}

describeNeighbourIndex('ExactNeighbourIndex', { create: () => new ExactNeighbourIndex() })
describeNeighbourIndex('ExactNeighbourIndex by cosine, a query at a time', {
  create: () => new ExactNeighbourIndex({ distance: new CosineSimilarity(), tileBytes: 1 }),
  score: (q, r) => product(normalized(q), normalized(r)),
})
describeNeighbourIndex('ExactNeighbourIndex by a distance that is no product', {
  create: () => new ExactNeighbourIndex({ distance: new LpDistance({ p: 1, normalizeEmbeddings: false }) }),
  score: (q, r) => -q.reduce((sum, value, i) => sum + Math.abs(value - r[i]!), 0),
  skip: { scales: 'sums of float32 are what is exact here', offsets: 'sums of float32 are what is exact here' },
})

describe.each(nativeNeighbours() ? ['native code', 'the device'] : ['the device'])('ExactNeighbourIndex finds by %s what float64 finds', (path) => {
  let bringBack: () => void = () => undefined
  beforeAll(() => {
    if (path === 'the device') bringBack = withoutNative()
  })
  afterAll(() => {
    bringBack()
  })

  it.each(Object.keys(KINDS))('with %s', async (kind) => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, rows, dim, k }) => {
        const reference = matrix(KINDS[kind]!(new Random(seed), rows, dim))
        const index = await indexOf(reference)
        const { ids } = await search(index, { k })
        const references = rowsOf(reference)
        ids.forEach((found, query) => {
          const wanted = inOrder(references[query]!, references, euclidean, query)
          expectOrder(found, wanted, Math.abs(wanted.at(-1)!.score))
        })
        index.dispose()
      }),
      { numRuns: 25, seed: 7 },
    )
  })

  it.each(Object.keys(KINDS))('in ranks of matches, with %s', async (kind) => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, rows, dim, k }) => {
        const random = new Random(seed)
        const reference = matrix(KINDS[kind]!(random, rows, dim))
        const classes = Int32Array.from({ length: rows }, () => random.int(3))
        const index = await indexOf(reference)
        const request = { referenceClasses: classes, matchingClasses: (query: number) => [classes[query]!] }
        const { ids } = await search(index, { k: 'all' })
        const wanted = ids.map((found, query) => found.flatMap((id, i) => (classes[id] === classes[query] ? [i + 1] : [])))
        expect(await ranksOf(index, request)).toEqual(wanted)
        expect(await ranksOf(index, { ...request, k })).toEqual(wanted.map((ranks) => ranks.filter((rank) => rank <= k)))
        index.dispose()
      }),
      { numRuns: 15, seed: 8 },
    )
  })

  it.each([
    ['cosines', new CosineSimilarity(), (q: readonly number[], r: readonly number[]) => product(normalized(q), normalized(r))],
    ['products', new DotProductSimilarity({ normalizeEmbeddings: false }), product],
    ['normalised distances', new LpDistance(), (q: readonly number[], r: readonly number[]) => euclidean(normalized(q), normalized(r))],
  ] as const)('by %s, of embeddings in a narrow cone', async (_, distance, score) => {
    const random = new Random(4)
    const axis = fill(1, 24, () => random.normal())[0]!
    const reference = matrix(fill(80, 24, () => 0).map(() => axis.map((value) => value + 1e-4 * random.normal())))
    const query = matrix(rowsOf(reference).slice(0, 20).map((row) => row.map((value) => value + 1e-4 * random.normal())))
    const { ids } = await search(await indexOf(reference, { distance }), { query, k: 5 })
    expect(ids).toEqual(wantedIds(query, reference, 5, score))
  })

  it.runIf(path === 'the device')('but for squared distances closer than 2^-20 of them where products are made sharper, since much is in doubt', async () => {
    const random = new Random(6)
    const [size, dim] = [160, 1000]
    const reference = matrix(fill(size, dim, () => random.normal()).map(normalized))
    const index = await indexOf(reference, { tileBytes: 2e5 })
    const tensors = tf.memory().numTensors
    const request = { referenceClasses: Int32Array.from({ length: size }, (_, row) => row % 2), matchingClasses: (query: number) => [query % 2] }
    const found = await ranksOf(index, request)
    expect(tf.memory().numTensors - tensors).toBe(2)
    const references = rowsOf(reference)
    found.slice(0, 30).forEach((ranks, query) => {
      const scores = inOrder(references[query]!, references, euclidean, query)
      const distances = (isMatch: boolean) => scores.flatMap(({ id, score }) => ((id - query) % 2 === 0) === isMatch ? [-score] : [])
      const [matches, others] = [distances(true), distances(false)]
      expect(ranks).toHaveLength(matches.length)
      const astray = ranks.filter((rank, i) => {
        const [before, bound] = [rank - i - 1, matches[i]! * 2 ** -20]
        return before < countBelow(others, matches[i]! - bound) || before > countBelow(others, matches[i]! + bound)
      })
      expect(astray).toEqual([])
    })
    index.dispose()
  })
})

describe('ExactNeighbourIndex on the device', () => {
  let bringBack: () => void
  beforeAll(() => {
    bringBack = withoutNative()
  })
  afterAll(() => {
    bringBack()
  })

  it.each([[randomRows(2, 5, 1)], [[[1, 2, 3, 4, 5]]], [tf.zeros([2, 5])]])('refuses a query by itself, and says how to ask: %#', async (query) => {
    const index = await indexOf(randomRows(3, 5, 2))
    const searched = (index.search as (...of: unknown[]) => AsyncGenerator).call(index, query, { k: 2 }).next()
    await expect(searched).rejects.toThrow('ExactNeighbourIndex.search: wanted one object with all that is asked, such as `{ query, k: 10 }`, got the query by itself. Call `search({ query, … })`.')
    const ranked = (index.rank as (...of: unknown[]) => AsyncGenerator).call(index, query, {}).next()
    await expect(ranked).rejects.toThrow('Call `rank({ query, … })`.')
  })

  it.each([1, 300, 1e6])('finds the same in tiles of %s bytes', async (tileBytes) => {
    const [query, reference] = [randomRows(7, 5, 1), randomRows(11, 5, 2)]
    const { ids, distances } = await search(await indexOf(reference, { tileBytes }), { query, k: 4 })
    expect(ids).toEqual(wantedIds(query, reference, 4, euclidean))
    expect(distances[0]![0]).toBeCloseTo(-euclidean(rowsOf(query)[0]!, rowsOf(reference)[ids[0]![0]!]!), 12)
  })

  it('picks a few neighbours of many on the device, and finds the same', async () => {
    const [query, reference] = [randomRows(40, 6, 1), randomRows(600, 6, 2, 50)]
    expect((await search(await indexOf(reference), { query, k: 3 })).ids).toEqual(wantedIds(query, reference, 3, euclidean))
    expect((await search(await indexOf(reference), { k: 3 })).ids).toEqual(wantedIds(reference, reference, 3, euclidean, true))
  })

  it('picks from groups of references, the last of which is not full', async () => {
    const [query, reference] = [randomRows(20, 6, 1), randomRows(2003, 6, 2, 50)]
    expect((await search(await indexOf(reference), { query, k: 3 })).ids).toEqual(wantedIds(query, reference, 3, euclidean))
    // Nothing is as near to the mean as what fills the group would be.
    const ring = matrix(Array.from({ length: 1001 }, (_, i) => [Math.cos(i), Math.sin(i)]))
    expect((await search(await indexOf(ring), { query: matrix([[0.01, 0]]), k: 3 })).ids).toEqual(wantedIds(matrix([[0.01, 0]]), ring, 3, euclidean))
    const cosine = await indexOf(ring, { distance: new DotProductSimilarity({ normalizeEmbeddings: false }) })
    expect((await search(cosine, { query: matrix([[-1, 0]]), k: 3 })).ids).toEqual(wantedIds(matrix([[-1, 0]]), ring, 3, product))
  })

  it.each([
    ['in any order', (row: number) => row],
    ['in an order that misleads whoever looks at some of them', (row: number) => (row % 37 === 0 ? 1e4 - row / 37 : row % 37)],
  ])('ranks matches that are many of the nearest, references %s', async (_, place) => {
    const random = new Random(3)
    const size = 1500
    const reference = matrix(fill(size, 3, () => random.normal()).map((row, i) => [...row, place(i) / 100]))
    const index = await indexOf(reference)
    const referenceClasses = Int32Array.from({ length: size }, () => random.int(3))
    const request = { referenceClasses, matchingClasses: (query: number) => [referenceClasses[query]!], ids: Int32Array.from({ length: 40 }, (_, i) => 37 * i) }
    const mask = Uint8Array.from({ length: size }, (_, row) => Number(row % 5 === 0))
    for (const more of [{}, { exclude: () => mask }]) {
      const asked = { ...request, matchingClasses: (query: number) => [referenceClasses[37 * query]!], ...more }
      const { ids } = await search(index, { ids: request.ids, k: 500, ...more })
      const wanted = ids.map((found, query) => found.flatMap((id, i) => (referenceClasses[id] === referenceClasses[37 * query] ? [i + 1] : [])))
      expect(await ranksOf(index, { ...asked, k: 500 })).toEqual(wanted)
    }
    index.dispose()
  })

  it('keeps the values of distances, powers included', async () => {
    const reference = matrix([[3, 4], [6, 8], [0, 0]])
    const query = matrix([[0, 0]])
    const distancesBy = async (distance?: LpDistance | SNRDistance) =>
      (await search(await indexOf(reference, distance && { distance }), { query, k: 'all' })).distances[0]
    expect(await distancesBy()).toEqual([0, 25, 100])
    expect(await distancesBy(new LpDistance({ normalizeEmbeddings: false }))).toEqual([0, 5, 10])
    expect(await distancesBy(new LpDistance({ normalizeEmbeddings: false, power: 3 }))).toEqual([0, 125, 1000])
    expect(await distancesBy(new LpDistance({ normalizeEmbeddings: false, p: 1 }))).toEqual([0, 7, 14])
    // A query without variance is at 0 from itself, and infinitely far from others.
    expect(await distancesBy(new SNRDistance({ normalizeEmbeddings: false }))).toEqual([0, Infinity, Infinity])
  })

  it('takes queries that are all references, or some of them', async () => {
    const reference = randomRows(9, 3, 3)
    const index = await indexOf(reference)
    const all = wantedIds(reference, reference, 8, euclidean, true)
    expect((await search(index, { k: 100 })).ids).toEqual(all)
    expect((await search(index, { ids: [7, 2], k: 'all' })).ids).toEqual([all[7], all[2]])
    expect((await search(index, { query: matrix(rowsOf(reference).slice(0, 2)), ids: [0, 1], k: 'all' })).ids).toEqual(all.slice(0, 2))
  })

  it('names the nearest references with the ranks, those that a search finds, whatever the depth of either', async () => {
    const reference = randomRows(150, 3, 9)
    const index = await indexOf(reference, { tileBytes: 20_000 })
    const referenceClasses = Int32Array.from({ length: 150 }, (_, row) => row % 7)
    const request = { referenceClasses, matchingClasses: (query: number) => [query % 7], exclude: (query: number) => (query === 3 ? new Uint8Array(150).fill(1, 0, 148) : undefined) }
    for (const [k, neighbours] of [[149, 4], [2, 4], [149, 'all'], ['all', 1]] as const) {
      const nearest: { readonly ids: number[]; readonly distances: number[] } = { ids: [], distances: [] }
      for await (const tile of index.rank({ ...request, k, neighbours })) {
        nearest.ids.push(...tile.nearest!.ids)
        nearest.distances.push(...tile.nearest!.distances)
      }
      const found = await search(index, { k: neighbours, exclude: request.exclude })
      expect([nearest.ids, nearest.distances]).toEqual([found.ids.flat(), found.distances.flat()])
      expect(await ranksOf(index, { ...request, k, neighbours })).toEqual(await ranksOf(index, { ...request, k }))
    }
    await expect(index.rank({ ...request, neighbours: 0 }).next()).rejects.toThrow("wanted `neighbours` to be a positive integer or 'all', got 0")
  })

  it('ranks matches to the depth of max_bin_count', async () => {
    const index = await indexOf(matrix([[0], [1], [2], [3], [10]]))
    const referenceClasses = Int32Array.of(0, 0, 0, 1, 1)
    const request = { referenceClasses, matchingClasses: (query: number) => [referenceClasses[query]!] }
    expect(await ranksOf(index, request)).toEqual([[1, 2], [1, 2], [1, 3], [4], [1]])
    expect(await ranksOf(index, { ...request, k: 'max_bin_count' })).toEqual([[1, 2], [1, 2], [1], [], [1]])
  })

  it('leaves out what a mask excludes: a person as the same camera saw it', async () => {
    const [person, camera] = [[0, 0, 0, 1, 1], [0, 0, 1, 0, 1]]
    const index = await indexOf(matrix([[0], [1], [5], [2], [3]]))
    const exclude = (query: number) => Uint8Array.from(person, (one, row) => Number(one === person[query] && camera[row] === camera[query]))
    const { ids, distances } = await search(index, { k: 'all', exclude })
    expect(ids[0]).toEqual([3, 4, 2, -1])
    expect(distances[0]).toEqual([4, 9, 25, NaN])
    const referenceClasses = Int32Array.from(person)
    const matchingClasses = (query: number) => [person[query]!]
    expect(await ranksOf(index, { exclude, referenceClasses, matchingClasses })).toEqual([[3], [3], [3, 4], [2], [1]])
  })

  it('says what a search will take, and keeps to it', async () => {
    const index = await indexOf(randomRows(1000, 16, 1), { tileBytes: 1e6 })
    const plan = index.plan({ queries: 5000, k: 10 })
    expect(plan).toMatchObject({ tileRows: 185, tiles: 28, referenceBytes: 4 * 1000 * 67 })
    expect(plan.tileBytes).toBeLessThanOrEqual(1e6)
    expect(plan.text).toBe('1,000 references of 16 numbers take up to 0.256 MiB on host and device; 5,000 queries in 28 tiles of up to 185 take 0.951 MiB at a time; 1.21 MiB in all')
    const rows: number[] = []
    for await (const tile of index.search({ query: randomRows(5000, 16, 2), k: 10 })) rows.push(tile.rowCount)
    expect([rows.length, Math.max(...rows)]).toEqual([28, 185])
    expect(index.plan({ queries: 5000, k: 'all' })).toMatchObject({ tileRows: 35, tiles: 143 })
  })

  it('brings references to the device once, and frees them', async () => {
    const before = tf.memory().numTensors
    const index = await indexOf(randomRows(20, 3, 6), { tileBytes: 1 })
    await search(index, { k: 2 })
    expect(tf.memory().numTensors).toBe(before + 1)
    await search(index, { query: randomRows(3, 3, 7), k: 2 })
    expect(tf.memory().numTensors).toBe(before + 1)
    await index.add(randomRows(2, 3, 8))
    expect(tf.memory().numTensors).toBe(before)
    const running = index.search({ k: 2 })
    await running.next()
    await index.remove([21])
    const { value } = await running.next()
    expect(value.ids).toHaveLength(2)
    await running.return(undefined)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('is as free after a search that a callback ended', async () => {
    const before = tf.memory().numTensors
    const index = await indexOf(randomRows(4, 2, 1))
    const fail = () => {
      throw new Error('enough')
    }
    await expect(search(index, { k: 1, exclude: fail })).rejects.toThrow('enough')
    await expect(ranksOf(index, { k: 'max_bin_count', referenceClasses: new Int32Array(4), matchingClasses: fail })).rejects.toThrow('enough')
    index.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('refuses NaN from a distance of its own, and names both', async () => {
    const distance = { name: 'Odd', isInverted: false, matrix: (q: tf.Tensor2D, r: tf.Tensor2D) => tf.fill<tf.Rank.R2>([q.shape[0], r.shape[0]], NaN) }
    const index = await indexOf(randomRows(3, 2, 1), { distance })
    await expect(search(index, { k: 1 })).rejects.toThrow('wanted a number from Odd between any two embeddings, got NaN between query 0 and reference 0')
  })

  it('says what does not fit', async () => {
    const index = await indexOf(randomRows(3, 2, 7))
    await expect(search(index, { k: 0 })).rejects.toThrow(OptionError)
    await expect(search(index, { k: 1.5 })).rejects.toThrow("`k` to be a positive integer or 'all'")
    await expect(search(index, { k: 1, kk: 2 } as never)).rejects.toThrow(OptionError)
    const given = [randomRows(1, 2, 8), { keys: ['a'] }] as unknown as [Embeddings]
    await expect(index.add(...given)).rejects.toThrow('ExactNeighbourIndex.add: wanted embeddings alone, got an object besides.')
    expect(index.size).toBe(3)
    await expect(search(index, { query: randomRows(3, 4, 8), k: 1 })).rejects.toThrow(
      'ExactNeighbourIndex: wanted `query` of shape [rows, 2], as wide as the references, got [3, 4].',
    )
    await expect(search(index, { query: randomRows(2, 2, 8), ids: [0], k: 1 })).rejects.toThrow(ShapeError)
    await expect(search(index, { k: 1, exclude: () => new Uint8Array(2) })).rejects.toThrow('a mask over the 3 references from `exclude`, got one of 2')
    await expect(ranksOf(index, { referenceClasses: Int32Array.of(0), matchingClasses: () => [0] })).rejects.toThrow(ShapeError)
    const scheduled = { [Symbol.for('metric-learning.scheduled')]: true, value: 0.5, restrict: () => undefined }
    expect(() => new ExactNeighbourIndex({ tileBytes: scheduled as never })).toThrow('`tileBytes` to be a plain number, got one that is scheduled')
    expect(() => new ExactNeighbourIndex({ batchSize: 4 } as object)).toThrow(OptionError)
    expect(() => new ExactNeighbourIndex({ distance: CosineSimilarity as never })).toThrow('`distance` to be an object with `matrix`')
    expect(() => new ExactNeighbourIndex().plan({ queries: 1 })).toThrow(StateError)
  })
})

describe('files of an ExactNeighbourIndex', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'index-'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it('are of one distance', async () => {
    const path = join(folder, 'cosine')
    await (await indexOf(randomRows(3, 2, 1), { distance: new CosineSimilarity() })).save(path)
    await expect(new ExactNeighbourIndex().load(path)).rejects.toThrow(StateError)
    await expect(new ExactNeighbourIndex({ distance: new CosineSimilarity({ p: 3 }) }).load(path)).rejects.toThrow(StateError)
    await new ExactNeighbourIndex({ distance: new CosineSimilarity() }).load(path)
  })

  it('are refused where they are cut off, or no file of an index', async () => {
    const path = join(folder, 'odd')
    writeFileSync(path, 'no tensors')
    await expect(new ExactNeighbourIndex().load(path)).rejects.toThrow(DataError)
    await expect(new ExactNeighbourIndex().load(join(folder, 'none'))).rejects.toThrow('a file that can be read at')
    await expect((await indexOf(randomRows(3, 2, 1))).save(join(path, 'below a file'))).rejects.toThrow(DataError)
    await expect(new ExactNeighbourIndex().save(path)).rejects.toThrow(StateError)
  })

  it('are refused where a byte of what they hold has changed', async () => {
    const path = join(folder, 'changed')
    await (await indexOf(randomRows(3, 2, 1))).save(path)
    await new ExactNeighbourIndex().load(path)
    const bytes = readFileSync(path)
    const header = 8 + Number(bytes.readBigUInt64LE(0))
    // The lowest bits of a number, and of an id.
    for (const at of [header, bytes.length - 4]) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 8
      writeFileSync(path, changed)
      await expect(new ExactNeighbourIndex().load(path)).rejects.toThrow(DataError)
    }
  })
})
