import { describe, expect, it } from 'vitest'
import { budgetOf, rungs } from './search-method.js'
import { drawn, rangesOf } from './ranges.js'

describe('rungs', () => {
  it('gives all trials all epochs in a random search', () => {
    expect(rungs({ strategy: 'random', trials: 9 }, 12)).toEqual([{ epochs: 12, survivors: 1 }])
  })

  it('gives fewer and fewer trials more and more epochs when it halves', () => {
    expect(rungs({ strategy: 'successiveHalving', trials: 9, factor: 3, minEpochs: 1 }, 9)).toEqual([
      { epochs: 1, survivors: 3 },
      { epochs: 3, survivors: 1 },
      { epochs: 9, survivors: 1 },
    ])
    expect(rungs({ strategy: 'successiveHalving', trials: 4, factor: 2, minEpochs: 4 }, 5)).toEqual([
      { epochs: 4, survivors: 2 },
      { epochs: 5, survivors: 1 },
    ])
    expect(rungs({ strategy: 'successiveHalving', trials: 4, minEpochs: 5 }, 5)).toEqual([{ epochs: 5, survivors: 1 }])
  })

  it('is said in words', () => {
    expect(budgetOf({ strategy: 'random', trials: 9 }, 4, 12)).toBe('random search, 9 trials, up to 12 epochs, on 4 validation folds')
  })
})

describe('drawn', () => {
  const method = { objectives: [{ loss: { L: { margin: { uniform: [0, 1] }, scale: { logUniform: [1, 1000] }, k: { integer: [2, 4] }, kind: { choice: ['a', 'b'] }, fixed: 3 } } }] }
  const trials = Array.from({ length: 300 }, (_, trial) => drawn(method, { seed: 0, name: 'T', trial }).values)
  const column = (name: string) => trials.map((values) => values[`objectives.0.loss.L.${name}`]!)

  it('puts values in place of ranges, the same ones each time', () => {
    const { method: made, values } = drawn(method, { seed: 0, name: 'T', trial: 5 })
    expect(rangesOf(made, 'test', '')).toEqual([])
    expect((made.objectives[0] as { loss: { L: { margin: unknown; fixed: number } } }).loss.L).toMatchObject({ margin: values['objectives.0.loss.L.margin'], fixed: 3 })
    expect(drawn(method, { seed: 0, name: 'T', trial: 5 }).values).toEqual(values)
    expect(drawn(method, { seed: 1, name: 'T', trial: 5 }).values).not.toEqual(values)
    expect(rangesOf(method, 'test', '')).toHaveLength(4)
  })

  it('draws within ranges, rates by their logarithm', () => {
    const margins = column('margin') as number[]
    expect(Math.min(...margins)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...margins)).toBeLessThan(1)
    const scales = (column('scale') as number[]).map(Math.log10)
    // Half of 300 draws lie below the middle of the logarithms, to four standard deviations of a binomial.
    expect(Math.abs(scales.filter((scale) => scale < 1.5).length - 150)).toBeLessThan(35)
    expect(new Set(column('k'))).toEqual(new Set([2, 3, 4]))
    expect(new Set(column('kind'))).toEqual(new Set(['a', 'b']))
  })
})
