import { readdirSync, readFileSync } from 'node:fs'
import katex from 'katex'
import { describe, expect, it } from 'vitest'
import { readCode } from '../code/read-exports.js'
import { comingFromPml, type PeerClasses } from '../pml/coming-from-pml.js'
import { root } from '../root.js'
import { allPages, FOLDERS } from './all-pages.js'
import { hasPage, PART_ROOMS } from './part-rooms.js'

const code = readCode()
const pages = allPages(code)

describe('Pages that are made from the code', () => {
  it('are what `npm run docs:pages` writes: run it, and look at what changed', () => {
    const there = FOLDERS.flatMap((folder) => readdirSync(`${root}docs/${folder}`).map((file) => `${folder}/${file}`))
    expect(['coming-from-pml.md', ...there].sort()).toEqual([...pages.keys()].sort())
    for (const [path, text] of pages) expect(readFileSync(`${root}docs/${path}`, 'utf8'), path).toBe(text)
  })

  it('tell of options with their defaults, of losses, miners and the trainer', () => {
    expect(pages.get('options/margin.md')).toMatch(/\[`TripletMarginLoss`\]\(.*\) \| 0\.05 \|/)
    expect(pages.get('miners/TripletMarginMiner.md')).toContain("| [`typeOfTriplets`](../options/typeOfTriplets.md) | `'all'` |")
    expect(pages.get('options/chunkSize.md')).toContain('`Trainer`')
  })

  it('have each part of the rooms whose parts have pages, but for bases of parts', () => {
    const rooms: readonly string[] = Object.values(PART_ROOMS).map(({ room }) => room)
    const without = code.exports.filter((exported) => rooms.includes(exported.room) && exported.kind === 'class' && !hasPage(exported))
    expect(without.map(({ name }) => name).sort()).toEqual(['BaseDistance', 'BaseRegularizer', 'SelectionReducer', 'WeightedReducer'])
    expect(pages.get('samplers/MPerClassSampler.md')).toContain('| [`m`](../options/m.md) | has to be given |')
    expect(pages.get('distances/LpDistance.md')).toMatch(/^```math\n.*lVert/m)
    expect(pages.get('reducers/MeanReducer.md')).toContain("import { MeanReducer } from '@metric-learning/reducers'")
  })

  it('have formulas that can be set', () => {
    for (const { name, tags } of code.exports) {
      for (const formula of tags.get('formula') ?? []) {
        expect(() => katex.renderToString(formula, { displayMode: true, strict: 'error' }), name).not.toThrow()
        // GitHub refuses it.
        expect(formula, name).not.toContain('\\operatorname')
      }
    }
  })

  it('have each hook of the trainer', () => {
    expect(code.hooks.map(({ name }) => name)).toContain('exchange')
    for (const { name } of code.hooks) expect(pages.has(`hooks/${name}.md`), name).toBe(true)
  })
})

describe('docs/coming-from-pml.md', () => {
  const peer = JSON.parse(readFileSync(`${root}tools/docs-site/data/pytorch-metric-learning.json`, 'utf8')) as PeerClasses

  it('has a row for every class and every argument', () => {
    const page = pages.get('coming-from-pml.md')!
    const rows = page.split('\n').filter((line) => line.startsWith('| **`') || line.startsWith('|  | `'))
    const classes = Object.values(peer.classes).flatMap((ofModule) => Object.values(ofModule))
    expect(rows.length).toBe(classes.length + classes.flat().length)
    for (const row of rows) expect(row).toMatch(/\| \S.* \|$/)
  })

  it('is not made where one has no answer', () => {
    const more = { ...peer, classes: { ...peer.classes, losses: { ...peer.classes['losses'], NewLoss: [], TripletMarginLoss: ['margin', 'new_argument'] } } }
    expect(() => comingFromPml(more, code, '')).toThrow(/NewLoss, TripletMarginLoss\(new_argument\)|TripletMarginLoss\(new_argument\), NewLoss/)
  })
})
