import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, Random, type Embeddings, type MatchRequest, type NeighbourIndex, type NeighbourRequest } from '@metric-learning/contracts'
import { afterAll, beforeAll, describe } from 'vitest'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { expectRefused, expectRefusedLater, expectThat } from './expectations.js'
import { expectSetUp } from './expect-set-up.js'

/** What {@link describeNeighbourIndex} checks. */
export const NEIGHBOUR_INDEX_CHECKS = {
  neighbours: { title: 'finds the nearest references, nearest first', look: 'search(): which end of the scores is nearer (`isInverted`), and `score` of this suite, which has to say the same.' },
  tiles: { title: 'gives all queries once, in order, in tiles of one k', look: 'the tiles of search(): `firstRow`, `rowCount` and `k`, and how long `ids` and `distances` are.' },
  distances: { title: 'gives distances that go with the neighbours', look: '`distances` of search(): the numbers of the ids beside them, which grow, or fall, from the nearest on.' },
  depth: { title: "finds as many as are asked for, and all there are with 'all' or more", look: 'what search() makes of `k`: cut to the references, less the query itself where `ids` names it.' },
  itself: { title: 'does not find a query that is a reference', look: '`ids` of a request, and what they stand for when it is left out: a query is no neighbour of itself, but its duplicates are.' },
  ties: { title: 'puts the reference that was added first before equals', look: 'the order of equal scores: sorts that are not stable, and products that tell duplicates apart by rounding.' },
  offsets: { title: 'tells apart what lies close together, far from the mean', look: '|q|² + |r|² - 2qr in float32, which cancels: take the differences of candidates, or float64.' },
  scales: { title: 'finds the same at scales from 1e-18 to 1e18', look: 'squares in float32, which vanish below 1e-38 and are infinite above 3e38: scale first, or take float64.' },
  exclude: { title: 'leaves out what a mask excludes', look: '`exclude` of a request: the mask of each query by its row, over the references in the order of `ids` of the index; -1 and NaN where too few are left.' },
  ranks: { title: 'gives matches the ranks that they have among the neighbours', look: 'rank(): matches of a query by classes, the query itself and what is excluded not counted, to the depth `k`.' },
  rankExclude: { title: 'ranks the matches that a mask leaves among what it leaves', look: 'rank(): references that `exclude` names are neither matches nor count before one.' },
  rankNeighbours: { title: 'names the nearest beside ranks, those that a search finds', look: '`neighbours` of rank(): `nearest` of its tiles, also where matches are looked for less deep than that, and with a mask.' },
  add: { title: 'gives consecutive ids, and finds what was added piece by piece', look: 'add(): the ids that it returns, `ids`, `size` and `dim`, and whether it adds or replaces.' },
  copies: { title: 'copies what is added', look: 'add(): it keeps the array of the caller, who may write into it.' },
  remove: { title: 'no longer finds what was removed, under ids that stay', look: 'remove(): ids of the others, and ids that are given again.' },
  churn: { title: 'finds what is there, and nothing else, after much was removed and added', look: 'remove() and add() in turn: what takes the place of what was removed, masks in the order of the `ids` that are left, and an index that was emptied.' },
  snapshot: { title: 'searches what was there when the search began', look: 'what search() reads between its tiles: references that are added meanwhile do not count.' },
  save: { title: 'gives the same neighbours once it is loaded', look: 'save() and load(): ids, those that were removed, and the id that comes next.' },
  progress: { title: 'says how many queries are done, up to all', look: '`onProgress` of a request: after each tile, of all queries.' },
  turns: { title: 'lets the event loop have a turn', look: 'search(): `await` of what is there already is no turn; `turnOfEventLoop` of ops is one.' },
  badInput: { title: 'refuses bad input with an error of this library', look: 'the first lines of add(), remove(), search() and load().' },
  leaks: { title: 'leaves no tensor behind', look: 'tensors of a search, also of one that is left early, and dispose().' },
  mistakes: { title: 'refuses mistakes with an error of this library', look: 'the constructor: `expectKnownOptions`, `expectNumber` and `expectMethods` of contracts.' },
} as const satisfies Record<string, CheckText>

/** A check of {@link describeNeighbourIndex}. */
export type NeighbourIndexCheck = keyof typeof NEIGHBOUR_INDEX_CHECKS

/** How a neighbour index is tried. */
export interface NeighbourIndexConformance {
  /** Makes an empty index. */
  readonly create: () => NeighbourIndex
  /** How near two embeddings are, in float64: larger = nearer. Default: minus the squared Euclidean distance. */
  readonly score?: (query: readonly number[], reference: readonly number[]) => number
  /** Width of the embeddings. Default 6. */
  readonly embeddingSize?: number
  /** What has to be refused, by what is wrong with it. Default none. */
  readonly mistakes?: Readonly<Record<string, () => unknown>>
  /** Checks that do not apply, and why: an approximate index skips `offsets` and `scales`, say. */
  readonly skip?: Skips<NeighbourIndexCheck>
}

const squaredEuclidean = (query: readonly number[], reference: readonly number[]): number =>
  -query.reduce((sum, value, i) => sum + (value - reference[i]!) ** 2, 0)

/**
 * Whether a neighbour index keeps its contract: the neighbours of float64, whatever offset and scale, in the order of adding where
 * equal; queries that are references, masks, ranks; ids that stay; files; turns of the event loop.
 *
 * @example describeNeighbourIndex('TreeIndex', { create: () => new TreeIndex() })
 */
export function describeNeighbourIndex(name: string, conformance: NeighbourIndexConformance): void {
  expectKnownOptions('describeNeighbourIndex', conformance, ['create', 'score', 'embeddingSize', 'mistakes', 'skip'])
  const { create, score = squaredEuclidean, embeddingSize: dim = 6, mistakes = {}, skip = {} } = conformance
  const check = checksOf('describeNeighbourIndex', NEIGHBOUR_INDEX_CHECKS, skip)

  describe(name, () => {
    let folder = ''
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'neighbour-index-'))
    })
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true })
    })

    const rowsFrom = (seed: number, count: number): number[][] => {
      const random = new Random(seed)
      return Array.from({ length: count }, () => Array.from({ length: dim }, () => Math.fround(random.normal())))
    }
    const references = rowsFrom(1, 40)
    const queries = rowsFrom(2, 15)
    const withIndex = async (rows: readonly (readonly number[])[], work: (index: NeighbourIndex) => Promise<void>) => {
      expectSetUp(name)
      const index = create()
      try {
        if (rows.length > 0) await index.add(matrix(rows))
        await work(index)
      } finally {
        index.dispose()
      }
    }
    /** Rows of the references, nearest first; of equals the first. */
    const nearest = (query: readonly number[], among: readonly (readonly number[])[], leaves: (row: number) => boolean = () => false) =>
      [...among.keys()].filter((row) => !leaves(row)).sort((a, b) => score(query, among[b]!) - score(query, among[a]!) || a - b)
    const expectIds = (what: string, actual: readonly (readonly number[])[], wanted: readonly (readonly number[])[], as: string) => {
      const at = wanted.findIndex((ids, query) => ids.join() !== actual[query]?.join())
      expectThat(at === -1, { what: `${what} of query ${at}`, wanted: `${wanted[at]?.join(', ')}, as ${as}`, got: actual[at]?.join(', ') ?? 'nothing' })
    }

    check('neighbours', () => withIndex(references, async (index) => {
      const { ids } = await all(index, { query: matrix(queries), k: 5 })
      expectIds('neighbours', ids, queries.map((query) => nearest(query, references).slice(0, 5)), '`score` ranks them')
    }))

    check('tiles', () => withIndex(references, async (index) => {
      const seen = { next: 0, k: new Set<number>() }
      for await (const { firstRow, rowCount, k, ids, distances } of index.search({ query: matrix(queries), k: 3 })) {
        expectThat(firstRow === seen.next, { what: '`firstRow` of a tile', wanted: String(seen.next), got: String(firstRow) })
        for (const [what, list] of [['ids', ids], ['distances', distances]] as const) {
          expectThat(list.length === rowCount * k, { what: `the length of \`${what}\` in a tile of ${rowCount} queries with k = ${k}`, wanted: String(rowCount * k), got: String(list.length) })
        }
        seen.next += rowCount
        seen.k.add(k)
      }
      expectThat(seen.next === queries.length, { what: 'queries in all tiles', wanted: String(queries.length), got: String(seen.next) })
      expectThat([...seen.k].join() === '3', { what: '`k` of the tiles', wanted: '3', got: [...seen.k].join(', ') })
    }))

    check('distances', () => withIndex(references, async (index) => {
      const { distances } = await all(index, { query: matrix(queries), k: 'all' })
      const ascends = distances[0]![0]! <= distances[0]!.at(-1)!
      for (const [query, row] of distances.entries()) {
        const at = row.findIndex((value, i) => i > 0 && !(ascends ? value >= row[i - 1]! : value <= row[i - 1]!))
        expectThat(at === -1, { what: `the distance of neighbour ${at + 1} of query ${query}`, wanted: `${ascends ? 'at least' : 'at most'} ${row[at - 1]}, as of the one before`, got: String(row[at]) })
      }
      const again = await all(index, { query: matrix([queries[1]!]), k: 'all' })
      expectThat(again.distances[0]!.every((value, i) => Math.abs(value - distances[1]![i]!) <= 1e-5 * Math.max(1, Math.abs(value))), {
        what: 'the distances of query 1, alone',
        wanted: distances[1]!.slice(0, 3).join(', '),
        got: again.distances[0]!.slice(0, 3).join(', '),
      })
    }))

    check('depth', () => withIndex(references, async (index) => {
      for (const [request, k] of [
        [{ query: matrix(queries), k: 1 }, 1],
        [{ query: matrix(queries), k: 'all' }, references.length],
        [{ query: matrix(queries), k: 1000 }, references.length],
        [{ k: 'all' }, references.length - 1],
      ] as const) {
        const { ids } = await all(index, request)
        expectThat(ids[0]!.length === k, { what: `neighbours with k = ${request.k}${'query' in request ? '' : ', of queries that are references'}`, wanted: String(k), got: String(ids[0]!.length) })
      }
    }))

    check('itself', () => withIndex([...references, references[3]!], async (index) => {
      const rows = [...references, references[3]!]
      const wanted = rows.map((query, itself) => nearest(query, rows, (row) => row === itself).slice(0, 4))
      expectIds('neighbours', (await all(index, { k: 4 })).ids, wanted, '`score` ranks the others, where all references are queries')
      expectIds('neighbours', (await all(index, { ids: [7, 3], k: 4 })).ids, [wanted[7]!, wanted[3]!], '`score` ranks the others, where two references are queries')
      const again = await all(index, { query: matrix([rows[7]!]), ids: [7], k: 4 })
      expectIds('neighbours', again.ids, [wanted[7]!], '`score` ranks the others, where a query is given with its id')
    }))

    check('ties', async () => {
      const twice = [...references.slice(0, 9), ...references.slice(0, 9).reverse(), ...references.slice(0, 9)]
      await withIndex(twice, async (index) => {
        const { ids } = await all(index, { query: matrix(references.slice(0, 9)), k: 3 })
        expectIds('the nearest', ids, references.slice(0, 9).map((_, row) => [row, 17 - row, 18 + row]), 'equals were added')
      })
    })

    const expectOf = async (what: string, rows: readonly (readonly number[])[]) => {
      const exact = rows.map((row) => row.map(Math.fround))
      await withIndex(exact, async (index) => {
        const { ids } = await all(index, { k: 3 })
        expectIds(`neighbours among ${what}`, ids, exact.map((query, itself) => nearest(query, exact, (row) => row === itself).slice(0, 3)), '`score` ranks them in float64')
      })
    }
    check('offsets', async () => {
      await expectOf('two groups 1e4 from the mean', references.map((row, i) => row.map((value) => value / 10 + (i % 2 === 0 ? 1e4 : -1e4))))
    })

    check('scales', async () => {
      for (const scale of [1e-18, 1e18]) await expectOf(`embeddings times ${scale}`, references.map((row) => row.map((value) => value * scale)))
    })

    check('exclude', () => withIndex(references, async (index) => {
      const leaves = (query: number) => (row: number) => (query === 2 ? row > 1 : (row + query) % 3 === 0)
      const exclude = (query: number) => Uint8Array.from(references, (_, row) => Number(leaves(query)(row)))
      const { ids, distances } = await all(index, { query: matrix(queries), k: 5, exclude })
      const wanted = queries.map((query, i) => [...nearest(query, references, leaves(i)).slice(0, 5), -1, -1, -1].slice(0, 5))
      expectIds('neighbours', ids, wanted, '`score` ranks those that the mask leaves, and -1 beyond')
      expectThat(Number.isNaN(distances[2]!.at(-1)), { what: 'the distance beside the id -1', wanted: 'NaN', got: String(distances[2]!.at(-1)) })
      const booleans = await all(index, { query: matrix(queries), k: 5, exclude: (query) => Array.from(exclude(query), Boolean) })
      expectIds('neighbours by a mask of booleans', booleans.ids, wanted, 'by one of 0 and 1')
      const own = await all(index, { ids: [4, 9], k: 5, exclude: (query) => exclude(query) })
      expectIds('neighbours', own.ids, [4, 9].map((itself, i) => nearest(references[itself]!, references, (row) => row === itself || leaves(i)(row)).slice(0, 5)), '`score` ranks those that the mask leaves, the query itself not among them')
    }))

    const inapplicable = create().rank === undefined ? 'it has no rank()' : undefined
    const referenceClasses = Int32Array.from(references, (_, row) => row % 4)
    const matchingClasses = (query: number) => (query % 2 === 0 ? [query % 4] : [query % 4, (query + 1) % 4])
    const ranksAmong = (ids: readonly number[], query: number) => ids.flatMap((id, i) => (id !== -1 && matchingClasses(query).includes(referenceClasses[id]!) ? [i + 1] : []))
    check('ranks', () => withIndex(references, async (index) => {
      const { ids } = await all(index, { k: 'all' })
      for (const k of ['all', 6] as const) {
        const { ranks } = await ranked(index, { k, referenceClasses, matchingClasses })
        const wanted = ids.map((found, query) => ranksAmong(k === 'all' ? found : found.slice(0, k), query))
        expectIds(`ranks with k = ${k}`, ranks, wanted, 'search() has them')
      }
    }), { inapplicable })

    const exclude = (query: number) => (query % 5 === 0 ? undefined : Uint8Array.from(references, (_, row) => Number((row + query) % 3 === 0)))
    check('rankExclude', () => withIndex(references, async (index) => {
      const { ids } = await all(index, { k: 'all', exclude })
      const { ranks } = await ranked(index, { referenceClasses, matchingClasses, exclude })
      expectIds('ranks, with a mask,', ranks, ids.map(ranksAmong), 'search() has them')
    }), { inapplicable })

    check('rankNeighbours', () => withIndex(references, async (index) => {
      for (const [request, k, neighbours] of [[{}, 6, 3], [{}, 2, 'all'], [{ exclude }, 'all', 30]] as const) {
        const wanted = await all(index, { ...request, k: neighbours })
        const found = await ranked(index, { ...request, k, neighbours, referenceClasses, matchingClasses })
        const what = `with k = ${k}, \`neighbours\` = ${neighbours}${'exclude' in request ? ' and a mask' : ''}`
        expectIds(`the nearest beside ranks ${what}`, found.nearest, wanted.ids, 'search() has them')
        const { ids } = await all(index, { ...request, k: 'all' })
        expectIds(`ranks ${what}`, found.ranks, ids.map((row, query) => ranksAmong(k === 'all' ? row : row.slice(0, k), query)), 'search() has them')
      }
    }), { inapplicable })

    check('add', () => withIndex([], async (index) => {
      expectThat(index.size === 0 && index.dim === undefined, { what: '`size` and `dim` of an empty index', wanted: '0 and undefined', got: `${index.size} and ${index.dim}` })
      const given = [await index.add(matrix(references.slice(0, 25))), await index.add(matrix(references.slice(25)))].flatMap((ids) => [...ids])
      const wanted = [...references.keys()]
      expectThat(given.join() === wanted.join(), { what: 'ids that add() returns', wanted: `0 to ${references.length - 1}`, got: given.join(', ') })
      expectThat([...index.ids].join() === wanted.join() && index.size === references.length && index.dim === dim, {
        what: '`size`, `dim` and `ids` after add()',
        wanted: `${references.length}, ${dim} and what add() returned`,
        got: `${index.size}, ${index.dim} and ${index.ids.join(', ')}`,
      })
      const { ids } = await all(index, { query: matrix(queries), k: 4 })
      expectIds('neighbours after two calls of add()', ids, queries.map((query) => nearest(query, references).slice(0, 4)), '`score` ranks all')
    }))

    check('copies', () => withIndex([], async (index) => {
      const mine = matrix(references)
      await index.add(mine)
      mine.embeddings.fill(0)
      const { ids } = await all(index, { query: matrix(queries), k: 2 })
      expectIds('neighbours, with the array that was added overwritten', ids, queries.map((query) => nearest(query, references).slice(0, 2)), 'before')
    }))

    check('remove', () => withIndex(references, async (index) => {
      await all(index, { k: 1 })
      await index.remove([0, 5, 39])
      const gone = (row: number) => [0, 5, 39].includes(row)
      const { ids } = await all(index, { query: matrix(queries), k: 6 })
      expectIds('neighbours after remove()', ids, queries.map((query) => nearest(query, references, gone).slice(0, 6)), '`score` ranks those that are left')
      const [next] = await index.add(matrix([references[0]!]))
      expectThat(next === references.length, { what: 'the id of what is added after the last was removed', wanted: `${references.length}, which was never given`, got: String(next) })
    }))

    check('churn', () => withIndex([], async (index) => {
      const random = new Random(11)
      const live = new Map<number, number[]>()
      const put = async (rows: number[][]) => {
        const ids = await index.add(matrix(rows))
        ids.forEach((id, i) => live.set(id, rows[i]!))
      }
      const take = async (count: number) => {
        const gone = random.shuffle(Int32Array.from(live.keys())).subarray(0, count)
        await index.remove(gone)
        for (const id of gone) live.delete(id)
      }
      for (let round = 0; round < 8; round++) {
        await put(rowsFrom(100 + round, 30))
        await take(round === 4 ? live.size : Math.ceil(0.7 * live.size))
        await put(rowsFrom(200 + round, 3))
        const [ids, rows] = [[...live.keys()], [...live.values()]]
        expectThat([...index.ids].join() === ids.join(), { what: `\`ids\` in round ${round}`, wanted: ids.join(', '), got: [...index.ids].join(', ') })
        const leaves = (row: number) => row % 3 === 0
        const wanted = (from: readonly number[], without?: (row: number) => boolean) => nearest(from, rows, without).slice(0, 2).map((row) => ids[row]!)
        const found = await all(index, { query: matrix(rows), k: 2 })
        expectIds(`neighbours in round ${round}`, found.ids, rows.map((row) => wanted(row)), '`score` ranks what is there')
        const masked = await all(index, { query: matrix(rows), k: 2, exclude: () => Uint8Array.from(rows, (_, row) => Number(leaves(row))) })
        expectIds(`neighbours in round ${round}, with a mask,`, masked.ids, rows.map((row) => [...wanted(row, leaves), -1, -1].slice(0, 2)), '`score` ranks what it leaves')
      }
    }))

    check('snapshot', () => withIndex(references, async (index) => {
      const found: number[][] = []
      for await (const tile of index.search({ query: matrix(queries), k: 1 })) {
        for (let row = 0; row < tile.rowCount; row++) found.push([tile.ids[row]!])
        await index.add(matrix(queries))
      }
      expectIds('the nearest', found, queries.map((query) => nearest(query, references).slice(0, 1)), 'before what was added during the search')
      const { ids } = await all(index, { query: matrix(queries), k: 1 })
      const rows = [...references, ...queries]
      expectIds('the nearest', ids, queries.map((query) => nearest(query, rows).slice(0, 1)), 'after it, with what was added')
    }))

    check('save', () => withIndex(references, async (index) => {
      await index.remove([2, 39])
      const path = join(folder, 'folder', 'index')
      await index.save(path)
      const wanted = await all(index, { query: matrix(queries), k: 5 })
      await withIndex(queries, async (loaded) => {
        await all(loaded, { k: 1 })
        await loaded.load(path)
        const found = await all(loaded, { query: matrix(queries), k: 5 })
        expectIds('neighbours after load()', found.ids, wanted.ids, 'before save()')
        expectIds('distances after load()', found.distances, wanted.distances, 'before save()')
        const [[next], [own]] = [await loaded.add(matrix([queries[0]!])), await index.add(matrix([queries[0]!]))]
        expectThat(next === own, { what: 'the id that comes next after load()', wanted: String(own), got: String(next) })
      })
    }))

    check('progress', () => withIndex(references, async (index) => {
      const told: number[] = []
      const onProgress = (done: number, total: number) => {
        expectThat(total === queries.length, { what: '`total` that onProgress is told', wanted: String(queries.length), got: String(total) })
        told.push(done)
      }
      await all(index, { query: matrix(queries), k: 1, onProgress })
      const grows = told.length > 0 && told.every((done, i) => i === 0 || done > told[i - 1]!) && told.at(-1) === queries.length
      expectThat(grows, { what: '`done` that onProgress is told', wanted: `numbers that grow up to ${queries.length}`, got: told.join(', ') || 'nothing' })
    }))

    check('turns', () => withIndex(references, async (index) => {
      let turns = 0
      let isDone = false
      const count = () => {
        turns++
        if (!isDone) setImmediate(count)
      }
      const before = turns
      setImmediate(count)
      let tiles = 0
      for await (const { rowCount } of index.search({ query: matrix(queries), k: 1 })) tiles += rowCount > 0 ? 1 : 0
      isDone = true
      expectThat(turns - before >= tiles, { what: `turns of the event loop in a search of ${tiles} tiles`, wanted: `at least ${tiles}`, got: String(turns) })
    }))

    check('badInput', () => withIndex(references, async (index) => {
      const wide = matrix(rowsFrom(3, 2).map((row) => [...row, 0]))
      const searching = (request: object) => () => all(index, request as NeighbourRequest)
      await expectRefusedLater('k = 0', searching({ k: 0 }))
      await expectRefusedLater('k = 1.5', searching({ k: 1.5 }))
      await expectRefusedLater('queries of another width', searching({ query: wide, k: 1 }))
      await expectRefusedLater('NaN in queries', searching({ query: matrix([[NaN, ...queries[0]!.slice(1)]]), k: 1 }))
      await expectRefusedLater('an id that was never given', searching({ ids: [1000], k: 1 }))
      await expectRefusedLater('a mask of another length', searching({ k: 1, exclude: () => new Uint8Array(3) }))
      await expectRefusedLater('a query of null', searching({ query: null, k: 1 }))
      await expectRefusedLater('ids of null', searching({ ids: null, k: 1 }))
      await expectRefusedLater('an id in place of a list', searching({ ids: 3, k: 1 }))
      await expectRefusedLater('a mask in place of `exclude`', searching({ k: 1, exclude: new Uint8Array(references.length) }))
      await expectRefusedLater('a number as `onProgress`', searching({ k: 1, onProgress: 1 }))
      await expectRefusedLater('removing an id in place of a list', () => index.remove(1 as never))
      await expectRefusedLater('references of another width', () => index.add(wide))
      await expectRefusedLater('Infinity in references', () => index.add(matrix([[...queries[0]!.slice(1), Infinity]])))
      await expectRefusedLater('removing an id twice', () => index.remove([1, 1]))
      await expectRefusedLater('a file that is not there', () => index.load(join(folder, 'none')))
      expectThat(index.size === references.length, { what: '`size` after what was refused', wanted: String(references.length), got: String(index.size) })
      await withIndex([], async (empty) => expectRefusedLater('a search of an empty index', () => all(empty, { query: matrix(queries), k: 1 })))
    }))

    check('leaks', async () => {
      await withIndex(references, async (index) => {
        await all(index, { query: matrix(queries), k: 2 })
        const before = tf.memory().numTensors
        for (let i = 0; i < 10; i++) {
          await all(index, { query: matrix(queries), k: 2 })
          for await (const tile of index.search({ k: 2 })) if (tile.rowCount > 0) break
        }
        const more = tf.memory().numTensors - before
        expectThat(more === 0, { what: '10 searches, and 10 that are left early', wanted: 'as many tensors after them as before', got: `${more} more` })
      })
      const before = tf.memory().numTensors
      await withIndex(references, async (index) => void (await all(index, { k: 1 })))
      const more = tf.memory().numTensors - before
      expectThat(more === 0, { what: 'tensors after dispose()', wanted: 'as many as before the index was made', got: `${more} more` })
    })

    for (const [mistake, attempt] of Object.entries(mistakes)) check('mistakes', () => {
      expectRefused(mistake, attempt)
    }, { of: mistake })
  })
}

const matrix = (rows: readonly (readonly number[])[]): Embeddings => ({ embeddings: Float32Array.from(rows.flat()), dim: rows[0]!.length })

/** Ranks of all queries, and the ids of their nearest. */
async function ranked(index: NeighbourIndex, request: MatchRequest): Promise<{ ranks: number[][]; nearest: number[][] }> {
  const [ranks, nearest]: [number[][], number[][]] = [[], []]
  for await (const { rowCount, offsets, ranks: found, nearest: tile } of index.rank!(request)) {
    for (let row = 0; row < rowCount; row++) {
      ranks.push([...found.subarray(offsets[row], offsets[row + 1])])
      if (tile) nearest.push([...tile.ids.subarray(row * tile.k, (row + 1) * tile.k)])
    }
  }
  return { ranks, nearest }
}

/** Ids and distances of all queries. */
async function all(index: NeighbourIndex, request: NeighbourRequest): Promise<{ ids: number[][]; distances: number[][] }> {
  const [ids, distances]: [number[][], number[][]] = [[], []]
  for await (const tile of index.search(request)) {
    for (let row = 0; row < tile.rowCount; row++) {
      ids.push([...tile.ids.subarray(row * tile.k, (row + 1) * tile.k)])
      distances.push([...tile.distances.subarray(row * tile.k, (row + 1) * tile.k)])
    }
  }
  return { ids, distances }
}
