import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataError, OptionError, Random, ShapeError, StateError, type Embeddings, type NeighbourRequest } from '@metric-learning/contracts'
import { CosineSimilarity, DotProductSimilarity, LpDistance } from '@metric-learning/distances'
import { ExactNeighbourIndex, writeIndexFile } from '@metric-learning/evaluation'
import { describeNeighbourIndex } from '@metric-learning/plugin-testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { UsearchIndex } from './usearch-index.js'

const dot = (q: readonly number[], r: readonly number[]) => q.reduce((sum, value, i) => sum + value * r[i]!, 0)
/** As `normalize` of distances does: norms below 1e-12 count as this. */
const cosine = (q: readonly number[], r: readonly number[]) => dot(q, r) / Math.max(Math.hypot(...q), 1e-12) / Math.max(Math.hypot(...r), 1e-12)

// Few references are looked at as a whole; by an expansion of 16 the graph is asked, and of 40 that one thread adds it leads to all.
describeNeighbourIndex('UsearchIndex by its graph', { create: () => new UsearchIndex({ expansion: 16, threads: 1 }) })
describeNeighbourIndex('UsearchIndex', {
  create: () => new UsearchIndex(),
  mistakes: {
    'an unknown option': () => new UsearchIndex({ ef: 10 } as object),
    'expansion: 0': () => new UsearchIndex({ expansion: 0 }),
    'connectivity: 1e9': () => new UsearchIndex({ connectivity: 1e9 }),
    'expansionAdd: 1e9': () => new UsearchIndex({ expansionAdd: 1e9 }),
    'connectivity: 1.5': () => new UsearchIndex({ connectivity: 1.5 }),
    'distance with p = 1': () => new UsearchIndex({ distance: new LpDistance({ p: 1 }) }),
  },
})
describeNeighbourIndex('UsearchIndex by cosine', {
  create: () => new UsearchIndex({ distance: new CosineSimilarity(), expansion: 16, threads: 1 }),
  score: cosine,
  skip: { scales: 'norms below 1e-12 count as this, and the graph goes by distances, which order such rows otherwise than products' },
})
describeNeighbourIndex('UsearchIndex by products', {
  create: () => new UsearchIndex({ distance: new DotProductSimilarity({ normalizeEmbeddings: false }), threads: 1 }),
  score: dot,
  skip: {
    itself: 'the nearest by products of a query is whatever is longest',
    ties: 'the nearest by products of a query is whatever is longest',
  },
})

/** Groups of 20, as embeddings of classes lie. */
function grouped(rows: number, dim: number, seed: number): Embeddings {
  const random = new Random(seed)
  const centres = Array.from({ length: Math.ceil(rows / 20) * dim }, () => 2 * random.normal())
  return { embeddings: Float32Array.from({ length: rows * dim }, (_, i) => centres[Math.floor(i / dim / 20) * dim + (i % dim)]! + random.normal()), dim }
}

async function indexOf(reference: Embeddings, options = {}): Promise<UsearchIndex> {
  const index = new UsearchIndex(options)
  await index.add(reference)
  return index
}

async function idsOf(index: UsearchIndex | ExactNeighbourIndex, request: NeighbourRequest): Promise<number[][]> {
  const all: number[][] = []
  for await (const { rowCount, k, ids } of index.search(request)) {
    for (let row = 0; row < rowCount; row++) all.push([...ids.subarray(row * k, (row + 1) * k)])
  }
  return all
}

describe('what the caller writes after a call', () => {
  it.each([['UsearchIndex', () => new UsearchIndex({ threads: 1 })], ['ExactNeighbourIndex', () => new ExactNeighbourIndex()]] as const)('does not count: neither to embeddings that are added, nor to queries, between the tiles of a search neither, of %s', async (_, create) => {
    const [reference, query] = [grouped(600, 8, 1), grouped(200, 8, 2)]
    const index = create()
    await index.add(reference)
    const wanted = await idsOf(index, { query, k: 3 })
    const mine = { embeddings: reference.embeddings.slice(), dim: 8 }
    const other = create()
    const added = other.add(mine)
    mine.embeddings.fill(NaN)
    await added
    for (const when of ['at once', 'between']) {
      const asked = { embeddings: query.embeddings.slice(), dim: 8 }
      const found: number[][] = []
      const tiles = other.search({ query: asked, k: 3 })[Symbol.asyncIterator]()
      let next = tiles.next()
      if (when === 'at once') asked.embeddings.fill(0)
      for (let tile = await next; !tile.done; tile = await next) {
        for (let row = 0; row < tile.value.rowCount; row++) found.push([...tile.value.ids.subarray(row * 3, row * 3 + 3)])
        asked.embeddings.fill(0)
        next = tiles.next()
      }
      expect(found).toEqual(wanted)
    }
    const leaving = [5, 7]
    const removed = other.remove(leaving)
    leaving.length = 0
    await removed
    expect([...other.ids].filter((id) => id < 9)).toEqual([0, 1, 2, 3, 4, 6, 8])
    index.dispose()
    other.dispose()
  })
})

const reference = grouped(3000, 12, 1)

describe('UsearchIndex', () => {
  it('measures its recall, which grows with the references that it looks at', async () => {
    const index = await indexOf(reference, { expansion: 10, connectivity: 8, expansionAdd: 32 })
    const few = await index.recall({ k: 10, sample: 100 })
    expect(few).toMatchObject({ k: 10, queries: 100 })
    index.expansion = 400
    const many = await index.recall({ k: 10, sample: 100 })
    expect(few.recall).toBeLessThan(many.recall)
    expect(many.recall).toBeGreaterThan(0.98)
    expect(await index.recall({ k: 10, sample: 100 })).toEqual(many)
  })

  it('measures what the exact index says', async () => {
    const index = await indexOf(reference, { expansion: 12, connectivity: 4, expansionAdd: 8 })
    await index.remove(Int32Array.from({ length: 1500 }, (_, i) => 2 * i))
    const exact = new ExactNeighbourIndex()
    await exact.add(reference)
    await exact.remove(Int32Array.from({ length: 1500 }, (_, i) => 2 * i))
    const [found, wanted] = [await idsOf(index, { k: 5 }), await idsOf(exact, { k: 5 })]
    const share = wanted.reduce((sum, ids, query) => sum + ids.filter((id) => found[query]!.includes(id)).length / 5, 0) / wanted.length
    expect((await index.recall({ k: 5, sample: 5000 })).recall).toBeCloseTo(share, 10)
    expect(share).toBeLessThan(1)
    exact.dispose()
  })

  it('answers a mask that leaves out nearly all, and a deep search, as the exact one does', async () => {
    const index = await indexOf(reference, { expansion: 8 })
    const exact = new ExactNeighbourIndex()
    await exact.add(reference)
    const mask = Uint8Array.from({ length: 3000 }, (_, row) => Number(row % 500 > 0))
    for (const request of [{ ids: [0, 7], k: 4, exclude: () => mask }, { ids: [3], k: 2000 }, { ids: [3], k: 'all' as const }]) {
      expect(await idsOf(index, request)).toEqual(await idsOf(exact, request))
    }
    exact.dispose()
  })

  it('still finds what was removed after a search began, and not after', async () => {
    const index = await indexOf(reference, { threads: 1 })
    const running = index.search({ query: reference, k: 1 })
    await running.next()
    await index.remove([2999])
    let last = -1
    for await (const tile of running) last = tile.ids[tile.rowCount - 1]!
    expect(last).toBe(2999)
    expect((await idsOf(index, { query: { embeddings: reference.embeddings.subarray(2999 * 12), dim: 12 }, k: 1 }))[0]).not.toEqual([2999])
  })

  it('finds its way when what is added later lies on quite another scale', async () => {
    const small = grouped(200, 4, 2)
    const index = await indexOf({ embeddings: small.embeddings.map((value) => value * 1e-15).subarray(0, 40), dim: 4 }, { threads: 1 })
    const large = { embeddings: small.embeddings.map((value) => value * 1e15), dim: 4 }
    await index.add(large)
    expect(await idsOf(index, { query: large, k: 1 })).toEqual(Array.from({ length: 200 }, (_, row) => [10 + row]))
    const one = await indexOf({ embeddings: new Float32Array(8).fill(5), dim: 4 }, { threads: 1 })
    await one.add(small)
    expect((await idsOf(one, { query: small, k: 1 })).flat()).toEqual(Array.from({ length: 200 }, (_, row) => 2 + row))
  })

  it('finds the nearest of queries that are far off, as the exact index does', async () => {
    const index = await indexOf(reference)
    const exact = new ExactNeighbourIndex()
    await exact.add(reference)
    for (const far of [1e2, 1e4, 1e6]) {
      const query = { embeddings: grouped(40, 12, 6).embeddings.map((value) => value * far), dim: 12 }
      const [found, wanted] = [await idsOf(index, { query, k: 5 }), await idsOf(exact, { query, k: 5 })]
      expect(wanted.reduce((sum, ids, row) => sum + ids.filter((id) => found[row]!.includes(id)).length / 200, 0)).toBeGreaterThan(0.95)
    }
    exact.dispose()
  })

  it.each([
    ['L2', {}],
    ['cosines', { distance: new CosineSimilarity() }],
    ['products', { distance: new DotProductSimilarity({ normalizeEmbeddings: false }) }],
  ])('ranks vectors of zeros as the exact index does, by its graph as well: %s', async (_, options) => {
    const random = new Random(4)
    const embeddings = Float32Array.from({ length: 200 * 4 }, (_, i) => (Math.floor(i / 4) % 40 === 0 ? 0 : random.normal()))
    const all = { embeddings, dim: 4 }
    const zeros = { embeddings: new Float32Array(4), dim: 4 }
    const index = await indexOf(all, { ...options, expansion: 48, threads: 1 })
    const exact = new ExactNeighbourIndex(options)
    await exact.add(all)
    expect((await idsOf(index, { query: zeros, k: 5 }))[0]).toHaveLength(5)
    if (_ === 'L2') expect(await idsOf(index, { query: zeros, k: 5 })).toEqual([[0, 40, 80, 120, 160]])
    for await (const { distances } of index.search({ query: zeros, k: 200 })) expect(distances.every(Number.isFinite)).toBe(true)
    expect(await idsOf(index, { query: zeros, k: 200 })).toEqual(await idsOf(exact, { query: zeros, k: 200 }))
    const one = await indexOf({ embeddings: new Float32Array(200 * 4), dim: 4 }, { ...options, expansion: 16, threads: 1 })
    expect(new Set((await idsOf(one, { query: zeros, k: 3 }))[0]).size).toBe(3)
    exact.dispose()
  })

  it('refuses what is wrong, with a typed error, and is what it was', async () => {
    const index = await indexOf(grouped(120, 3, 1), { expansion: 16, threads: 1 })
    const one = (values: readonly number[]): Embeddings => ({ embeddings: Float32Array.from(values), dim: values.length })
    const given = [one([1, 2, 3]), [7]] as unknown as [Embeddings]
    await expect(index.add(...given)).rejects.toThrow('UsearchIndex.add: wanted embeddings alone, got an array besides.')
    await expect(index.add(one([1, NaN, 3]))).rejects.toThrow(DataError)
    await expect(index.add(one([1, 2]))).rejects.toThrow(ShapeError)
    await expect(index.add({ embeddings: new Float32Array(0), dim: 3 })).rejects.toThrow(ShapeError)
    for (const ids of [[-1], [120], [0.5], [NaN], ['0'], [0n], [3, 3]] as never[]) await expect(index.remove(ids)).rejects.toThrow(DataError)
    for (const k of [0, -1, 1.5, NaN, Infinity, '5', null, undefined] as never[]) await expect(idsOf(index, { k })).rejects.toThrow(OptionError)
    await index.remove([7])
    await expect(index.remove([7])).rejects.toThrow(DataError)
    await expect(idsOf(index, { ids: [7], k: 1 })).rejects.toThrow(DataError)
    expect(index.size).toBe(119)
    expect((await idsOf(index, { k: 1000 }))[0]).toHaveLength(118)
    expect((await idsOf(index, { k: 'all' })).flat()).not.toContain(7)
    await index.add(grouped(1, 3, 9))
    expect(index.ids.at(-1)).toBe(120)
  })

  it('can be emptied and filled again', async () => {
    const index = await indexOf(grouped(10, 3, 1))
    await index.remove(index.ids)
    expect([index.size, index.dim]).toEqual([0, undefined])
    await expect(idsOf(index, { query: grouped(1, 3, 1), k: 1 })).rejects.toThrow(StateError)
    expect([...(await index.add(grouped(2, 5, 1)))]).toEqual([10, 11])
    await expect(new UsearchIndex().recall()).rejects.toThrow(StateError)
    await expect(index.recall({ sample: 0 })).rejects.toThrow(OptionError)
  })
})

describe('files of a UsearchIndex', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'usearch-index-'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it('are read by an exact index, and the other way round', async () => {
    const [path, other] = [join(folder, 'index'), join(folder, 'exact')]
    const index = await indexOf(reference)
    await index.remove([5])
    await index.save(path)
    const exact = new ExactNeighbourIndex()
    await exact.load(path)
    expect([...exact.ids]).toEqual([...index.ids])
    await exact.save(other)
    const again = new UsearchIndex()
    await again.load(other)
    expect([...again.ids]).toEqual([...index.ids])
    expect((await again.recall({ sample: 50 })).recall).toBeGreaterThan(0.95)
    await expect(new UsearchIndex({ distance: new CosineSimilarity() }).load(path)).rejects.toThrow(StateError)
  })

  it.each([
    ['of no description', '{'],
    ['of another width', JSON.stringify({ version: 3, precision: 'f16', centre: [0], scale: 1 })],
    ['of bytes that are none', JSON.stringify({ version: 3, precision: 'f16', centre: [0, 0], scale: 1 })],
  ])('are refused where the graph is one %s', async (_, description) => {
    const path = join(folder, 'odd')
    const stored = { values: Float32Array.of(1, 2, 3, 4), dim: 2, ids: Int32Array.of(0, 1), nextId: 2, distance: 'the squared Euclidean distance' }
    await writeIndexFile('test', path, { ...stored, graph: { bytes: Uint8Array.of(1, 2, 3), description } })
    await expect(new UsearchIndex().load(path)).rejects.toThrow(DataError)
  })

  it('are refused where they are others, and take the place of what is there otherwise', async () => {
    const [path, foreign] = [join(folder, 'own'), join(folder, 'foreign')]
    const index = await indexOf(grouped(40, 5, 3))
    await expect(index.load(join(folder, 'none'))).rejects.toThrow(DataError)
    await expect(index.load(folder)).rejects.toThrow(DataError)
    for (const bytes of ['', 'no tensors', '{}']) {
      writeFileSync(foreign, bytes)
      await expect(index.load(foreign)).rejects.toThrow(DataError)
    }
    expect([index.size, index.dim]).toEqual([40, 5])
    const other = await indexOf(grouped(60, 3, 4))
    await other.remove([0])
    await other.save(path)
    await index.load(path)
    expect([index.size, index.dim, index.ids.at(0)]).toEqual([59, 3, 1])
    expect(await idsOf(index, { k: 3 })).toEqual(await idsOf(other, { k: 3 }))
    expect([...(await index.add(grouped(1, 3, 5)))]).toEqual([60])
  })

  it('are linked anew where the graph is of another version', async () => {
    const path = join(folder, 'older')
    const stored = { values: reference.embeddings, dim: 12, ids: Int32Array.from({ length: 3000 }, (_, i) => i), nextId: 3000, distance: 'the squared Euclidean distance' }
    await writeIndexFile('test', path, { ...stored, graph: { bytes: Uint8Array.of(1, 2, 3), description: JSON.stringify({ centre: [0], scale: 1 }) } })
    const index = new UsearchIndex()
    await index.load(path)
    expect((await index.recall({ k: 5, sample: 50 })).recall).toBeGreaterThan(0.95)
  })

  it('are refused where the graph is damaged, before the library reads it', async () => {
    const path = join(folder, 'damaged')
    await (await indexOf(reference)).save(path)
    const bytes = readFileSync(path)
    bytes[bytes.length - 1000] = bytes[bytes.length - 1000]! ^ 1
    writeFileSync(path, bytes)
    const index = await indexOf(grouped(4, 3, 1))
    await expect(index.load(path)).rejects.toThrow(DataError)
    await expect(index.load(path)).rejects.toThrow('a graph with another checksum')
    expect([index.size, index.dim]).toEqual([4, 3])
  })

  it('are refused where what is said of the graph is damaged: in another frame it would lead elsewhere', async () => {
    const path = join(folder, 'moved')
    await (await indexOf(reference)).save(path)
    const bytes = readFileSync(path)
    const digit = /scale[^0-9]*0\.\d/.exec(bytes.toString('latin1'))!
    const at = digit.index + digit[0].length - 1
    bytes[at] = bytes[at]! ^ 1
    writeFileSync(path, bytes)
    await expect(new UsearchIndex().load(path)).rejects.toThrow('a description of a graph with another checksum')
  })

  it('say where there is no room for the file by which the library gives and takes its graph', async () => {
    const path = join(folder, 'room')
    const index = await indexOf(reference)
    await index.save(path)
    vi.stubEnv('TMPDIR', join(folder, 'nowhere'))
    try {
      for (const work of [index.save(path), new UsearchIndex().load(path)]) await expect(work).rejects.toThrow(/Set TMPDIR to a folder/)
    } finally {
      vi.unstubAllEnvs()
    }
    const again = new UsearchIndex()
    await again.load(path)
    expect(again.size).toBe(index.size)
  })
})
