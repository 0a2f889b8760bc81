import { describe, expect, it } from 'vitest'
import type { ResultRow } from '../run/results.js'
import { summaries } from './summary.js'

const rows = (method: string, values: readonly number[], more: Partial<ResultRow> = {}): ResultRow[] => values.map((value, seed) => ({ method, seed, view: 'joined', metrics: { scroll: value }, ...more }))
const summaryOf = (rows: readonly ResultRow[], better?: 'larger' | 'smaller') => summaries({ rows, metrics: better ? { scroll: { label: 'last rank', title: '', meaning: '', better } } : {} })[0]!
const bestOf = (all: readonly ResultRow[], better?: 'larger' | 'smaller') => summaryOf(all, better).methods.filter(({ best }) => best.length > 0).map(({ name }) => name)

describe('summaries', () => {
  it('takes the mean over folds for what a repeat gives', () => {
    const all = [0, 1].flatMap((seed) => [0.1, 0.3].map((value, fold): ResultRow => ({ method: 'T', seed, fold, view: 'apart', metrics: { scroll: value + seed } })))
    expect(summaryOf(all).methods[0]!.metrics['scroll']).toMatchObject({ mean: expect.closeTo(0.7, 12) as number, count: 2 })
  })

  it('takes nothing from a repeat of which a fold has no value: means of other folds are means of something else', () => {
    const fold = (method: string, seed: number, values: readonly (number | null)[]) => values.map((value, of): ResultRow => ({ method, seed, fold: of, view: 'apart', metrics: value === null ? {} : { scroll: value }, ...(value === null && { note: `seed ${seed}, fold ${of} broke` }) }))
    // The second fold is the harder one: A would be better by it alone.
    const all = [...fold('A', 0, [0.9, null]), ...fold('A', 1, [0.9, 0.1]), ...fold('A', 2, [0.91, 0.1]), ...[0, 1, 2].flatMap((seed) => fold('B', seed, [0.9, 0.1]))]
    const { methods, comparisons } = summaryOf(all)
    expect(methods[0]).toMatchObject({ metrics: { scroll: { mean: expect.closeTo(0.5025, 12) as number, count: 2 } }, note: 'seed 0, fold 1 broke' })
    expect(comparisons[0]!.difference).toMatchObject({ mean: expect.closeTo(0.0025, 12) as number, count: 2 })
  })

  it('calls best what is better than each other method beyond chance, and nothing else', () => {
    const clear = [...rows('A', [0.5, 0.51, 0.52]), ...rows('B', [0.3, 0.312, 0.319]), ...rows('C', [0.2, 0.21, 0.221])]
    expect(bestOf(clear)).toEqual(['A'])
    expect(bestOf(clear, 'larger')).toEqual(['A'])
    expect(bestOf(clear, 'smaller')).toEqual(['C'])
    expect(bestOf([...clear, ...rows('D', [0.52, 0.5, 0.51])])).toEqual([])
    // One repeat says nothing of chance.
    expect(bestOf([...rows('A', [0.9]), ...rows('B', [0.1])])).toEqual([])
    expect(bestOf(rows('A', [0.9, 0.91]))).toEqual([])
  })

  it('corrects each pair of methods for all pairs, and leaves trunks before training out', () => {
    const { comparisons, methods } = summaryOf([...rows('A', [0.5, 0.52, 0.51]), ...rows('B', [0.4, 0.41, 0.43]), ...rows('C', [0.3, 0.33, 0.31]), ...rows('untrained trunk', [0.1, 0.1, 0.1], { isBaseline: true })])
    expect(comparisons.map(({ method, other }) => `${method}${other}`)).toEqual(['AB', 'AC', 'BC'])
    for (const { adjusted, difference } of comparisons) expect(adjusted!).toBeGreaterThanOrEqual(difference.p!)
    expect(methods.map(({ isBaseline }) => isBaseline)).toEqual([false, false, false, true])
  })

  it('calls metrics as those who measured them do, with an arrow where less is better', () => {
    expect(summaryOf(rows('A', [0.5])).metrics).toEqual([{ name: 'scroll', label: 'scroll', better: 'larger', inPercent: false, decimals: 4 }])
    expect(summaryOf(rows('A', [0.5]), 'smaller').metrics).toMatchObject([{ label: 'last rank ↓', better: 'smaller' }])
    // The seven are known, also where what was saved does not describe them.
    expect(summaryOf(rows('A', [], {}).concat({ method: 'A', seed: 0, view: 'run', metrics: { precisionAt1: 0.5 } })).metrics).toMatchObject([{ label: 'P@1', better: 'larger', inPercent: true, decimals: 1 }])
  })

  it.each([[0.00123, 6], [0.98, 4], [1.5, 3], [-152, 1], [20_000, 0], [0, 1]])('shows four digits of the largest value of a metric that is not in percent: %s', (value, decimals) => {
    expect(summaryOf(rows('A', [value, value / 3])).metrics).toMatchObject([{ decimals }])
  })

  it('compares repeats that both have, and says why there is no number', () => {
    const { comparisons, methods } = summaryOf([...rows('A', [0.5, 0.52, 0.51]), ...rows('B', [0.4, 0.41]), { method: 'B', seed: 2, view: 'joined', metrics: {}, note: 'It broke.' }])
    expect(comparisons[0]!.difference.count).toBe(2)
    expect(methods[1]).toMatchObject({ note: 'It broke.', metrics: { scroll: { count: 2 } } })
  })
})
