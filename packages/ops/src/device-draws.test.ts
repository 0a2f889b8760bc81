import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { stepCompiler } from './compiled-steps/step-compiler.js'
import { drawIntegers, drawState } from './device-draws.js'

const largest = 32362 ** 2

function withState<T>(seed: number, body: (state: tf.Variable<tf.Rank.R2>) => T): T {
  const state = tf.tidy(() => tf.variable(drawState(seed), false))
  try {
    return body(state)
  } finally {
    state.dispose()
  }
}
const draw = (state: tf.Variable<tf.Rank.R2>, count: number) => tf.tidy(() => [...drawIntegers(state, count).dataSync()])

/** Σ (observed - expected)² / expected. */
function chiSquare(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

describe('drawIntegers', () => {
  it('draws the numbers of the generator, whatever the backend', () => {
    withState(7, (state) => {
      const before = state.arraySync()
      const [first] = draw(state, 1)
      const step = (lane: number) => {
        const [x, y, z] = [157, 146, 142].map((a, i) => (a * before[i]![lane]!) % [32363, 31727, 31657][i]!)
        return (x! - y! + z! + 2 * 32362) % 32362
      }
      expect(first).toBe(step(0) * 32362 + step(1))
    })
  })

  it('draws others each time, and the same from the same state', () => {
    const three = withState(3, (state) => [draw(state, 5), draw(state, 1500), draw(state, 5)])
    expect(withState(3, (state) => [draw(state, 5), draw(state, 1500), draw(state, 5)])).toEqual(three)
    expect(new Set(three.flat()).size).toBe(1510)
    expect(withState(4, (state) => draw(state, 5))).not.toEqual(three[0])
  })

  it.each([2, 3, 7, 100, 4096])('is uniform modulo %d, and so are pairs of neighbours and of calls', (bound) => {
    withState(11, (state) => {
      const calls = [draw(state, 100_000), draw(state, 100_000)]
      expect(calls.flat().every((value) => value >= 0 && value < largest)).toBe(true)
      const spread = 5 * Math.sqrt(2 * (bound - 1))
      for (const call of calls) {
        const counts = new Array<number>(bound).fill(0)
        for (const value of call) counts[value % bound]! += 1
        expect(Math.abs(chiSquare(counts, call.length / bound) - (bound - 1))).toBeLessThan(spread)
      }
      const cells = Math.min(bound, 16)
      const cell = (value: number) => Math.floor(((value % bound) / bound) * cells)
      const together = (left: readonly number[], right: readonly number[]) => {
        const counts = new Array<number>(cells * cells).fill(0)
        left.forEach((value, i) => (counts[cell(value) * cells + cell(right[i]!)]! += 1))
        const marginal = (axis: 0 | 1) => counts.reduce((sums, count, i) => {
          sums[axis === 0 ? Math.floor(i / cells) : i % cells]! += count
          return sums
        }, new Array<number>(cells).fill(0))
        const [rows, columns] = [marginal(0), marginal(1)]
        const statistic = counts.reduce((sum, count, i) => {
          const expected = (rows[Math.floor(i / cells)]! * columns[i % cells]!) / left.length
          return sum + (count - expected) ** 2 / expected
        }, 0)
        const freedom = (cells - 1) ** 2
        expect(Math.abs(statistic - freedom)).toBeLessThan(5 * Math.sqrt(2 * freedom) + 1)
      }
      together(calls[0]!.slice(0, -1), calls[0]!.slice(1))
      together(calls[0]!.slice(0, -1024), calls[0]!.slice(1024))
      together(calls[0]!.slice(0, -512), calls[0]!.slice(512))
      together(calls[0]!, calls[1]!)
    })
  })

  it.runIf(stepCompiler())('draws the same in a captured step', () => {
    const eager = withState(5, (state) => [1, 2, 3, 4, 5].map(() => draw(state, 10)))
    withState(5, (state) => {
      const step = stepCompiler()!(() => [drawIntegers(state, 10)], { fallback: 'throw' })
      const compiled = [1, 2, 3, 4, 5].map(() => [...step()[0]!.dataSync()])
      expect(compiled).toEqual(eager)
      step.dispose()
    })
  })
})
