import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UsearchIndex, type UsearchIndexOptions } from './usearch-index.js'

const DIM = 6
/** Few enough that the graph is asked, and many enough that it leads to each. */
const OPTIONS: UsearchIndexOptions = { expansion: 24, expansionAdd: 64 }

const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('add' as const), rows: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 50, max: 200 })) }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('remove' as const), share: fc.constantFrom(0.05, 0.3, 0.6, 0.95, 1) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('reload' as const) }) },
)

describe('a UsearchIndex that changes', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'changing-index-'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it.each([
    ['squared distances', {}],
    ['cosines', { distance: new CosineSimilarity() }],
    ['squared distances, by one thread', { threads: 1 }],
  ])('finds each of its references as nearest to itself, and none that were removed, by %s', async (_, options) => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), fc.nat(), async (changes, seed) => {
        const random = new Random(seed)
        let index = new UsearchIndex({ ...OPTIONS, ...options })
        const live = new Map<number, Float32Array>()
        for (const one of changes) {
          if (one.what === 'add') {
            const embeddings = Float32Array.from({ length: one.rows * DIM }, () => random.normal())
            const ids = await index.add({ embeddings, dim: DIM })
            ids.forEach((id, row) => live.set(id, embeddings.subarray(row * DIM, (row + 1) * DIM)))
          } else if (one.what === 'remove') {
            const gone = random.shuffle(Int32Array.from(live.keys())).subarray(0, Math.ceil(one.share * live.size))
            if (gone.length > 0) await index.remove(gone)
            for (const id of gone) live.delete(id)
          } else if (live.size > 0) {
            const path = join(folder, `index-${seed}`)
            await index.save(path)
            index = new UsearchIndex({ ...OPTIONS, ...options })
            await index.load(path)
          }
          expect([...index.ids]).toEqual([...live.keys()])
          if (live.size === 0) continue
          const embeddings = Float32Array.from([...live.values()].flatMap((row) => [...row]))
          const k = Math.min(5, live.size)
          let at = 0
          for await (const tile of index.search({ query: { embeddings, dim: DIM }, k })) {
            for (let row = 0; row < tile.rowCount; row++) {
              const found = [...tile.ids.subarray(row * k, (row + 1) * k)]
              expect(found[0]).toBe(index.ids[at++])
              expect(found.filter((id) => !live.has(id))).toEqual([])
              expect(new Set(found).size).toBe(k)
            }
          }
        }
      }),
      { numRuns: 15 },
    )
  }, 120_000)

  it('still looks at as many as wanted where a whole group was removed', async () => {
    const random = new Random(3)
    const row = (centre: number) => Array.from({ length: DIM }, () => centre + random.normal())
    const [group, rest] = [Array.from({ length: 400 }, () => row(0)), Array.from({ length: 500 }, () => row(20))]
    const index = new UsearchIndex(OPTIONS)
    const ids = await index.add({ embeddings: Float32Array.from([...group, ...rest].flat()), dim: DIM })
    await index.remove(ids.subarray(0, 400))
    const found: number[] = []
    for await (const tile of index.search({ query: { embeddings: Float32Array.from(row(0)), dim: DIM }, k: 20 })) found.push(...tile.ids)
    expect(found).toHaveLength(20)
    expect(found.every((id) => id >= 400)).toBe(true)
    expect((await index.recall({ k: 10, sample: 100 })).recall).toBeGreaterThan(0.95)
  })
})
