import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { stepCompiler } from './compiled-steps/step-compiler.js'
import { drawIntegers, drawPosition, firstDrawPosition, nextDrawPosition, partOfDrawPosition } from './device-draws.js'

const largest = 32362 ** 2
const moduli = [32363, 31727, 31657]

const drawAt = (position: ArrayLike<number>, count: number, { purpose = 'test', seed = 0 } = {}) =>
  tf.tidy(() => [...drawIntegers(count, { position: tf.tensor1d(Array.from(position), 'int32'), purpose, seed }).dataSync()])

function withBuffer<T>(body: (buffer: tf.Variable<tf.Rank.R1>) => T): T {
  const buffer = tf.tidy(() => tf.variable<tf.Rank.R1>(firstDrawPosition(), false))
  try {
    return body(buffer)
  } finally {
    buffer.dispose()
  }
}
const drawNext = (buffer: tf.Variable<tf.Rank.R1>, count: number) =>
  tf.tidy(() => [...drawIntegers(count, { position: nextDrawPosition(buffer), purpose: 'test', seed: 0 }).dataSync()])

/** Σ (observed - expected)² / expected. */
function chiSquare(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

describe('drawIntegers', () => {
  it('draws the numbers of the generator, whatever the backend', () => {
    const below = (random: Random) => (modulus: number) => 1 + random.int(modulus - 1)
    const laneSource = Random.at(0, 'lanes')
    const lanes = moduli.map((modulus) => Array.from({ length: 1024 }, () => below(laneSource)(modulus)))
    const [position, key] = [drawPosition(7, 3, 5), moduli.map(below(Random.at(11, 'test')))]
    /** What lane `lane` gives at its step `step`, from 1. */
    const number = (lane: number, step: number) => {
      const [x, y, z] = [157n, 146n, 142n].map((a, i) =>
        Number((BigInt(position[i]!) * BigInt(key[i]!) * BigInt(lanes[i]![lane]!) * a ** BigInt(step)) % BigInt(moduli[i]!)),
      )
      return (x! - y! + z! + 2 * 32362) % 32362
    }
    const draws = drawAt(position, 1024, { seed: 11 })
    for (const at of [0, 1, 511, 512, 1023]) {
      const [lane, step] = [(2 * at) % 1024, 1 + Math.floor(at / 512)]
      expect(draws[at]).toBe(number(lane, step) * 32362 + number(lane + 1, step))
    }
  })

  it('follows from position, purpose and seed alone, and is another where one of them differs', () => {
    const at = drawPosition(1, 2, 3)
    expect(drawAt(at, 1500)).toEqual(drawAt(at, 1500))
    expect(drawAt(at, 5)).toEqual(drawAt(at, 1500).slice(0, 5))
    const others = [drawAt(at, 5), drawAt(at, 5, { purpose: 'other' }), drawAt(at, 5, { seed: 1 })]
    for (const [seed, epoch, batch] of [[1, 2, 4], [1, 3, 3], [2, 2, 3], [2, 1, 3]] as const) others.push(drawAt(drawPosition(seed, epoch, batch), 5))
    expect(new Set(others.flat()).size).toBe(5 * others.length)
  })

  it('gives positions within the generator, each once, of batches and of their parts', () => {
    const batches = Array.from({ length: 5000 }, (_, i) => drawPosition(0, 1 + Math.floor(i / 100), i % 100))
    const parts = Array.from({ length: 5000 }, (_, i) => partOfDrawPosition(batches[i % 50]!, Math.floor(i / 50)))
    const positions = [...batches, ...parts]
    expect(new Set(positions.map(String)).size).toBe(positions.length)
    expect(positions.every((words) => words.every((word, i) => word > 0 && word < moduli[i]!))).toBe(true)
  })

  it('moves a buffer on, which gives others each time, and the same from where it was', () => {
    withBuffer((buffer) => {
      const three = [drawNext(buffer, 5), drawNext(buffer, 1500), drawNext(buffer, 5)]
      expect(new Set(three.flat()).size).toBe(1510)
      buffer.assign(firstDrawPosition())
      expect([drawNext(buffer, 5), drawNext(buffer, 1500), drawNext(buffer, 5)]).toEqual(three)
    })
  })

  it.each([2, 3, 7, 100, 4096])('is uniform modulo %d, and so are pairs of neighbours, of batches, of seeds and of calls', (bound) => {
    withBuffer((buffer) => {
      const size = 100_000
      const calls = [
        drawNext(buffer, size), drawNext(buffer, size), drawAt(drawPosition(0, 1, 0), size), drawAt(drawPosition(0, 1, 1), size), drawAt(drawPosition(0, 1, 1), size, { seed: 1 }),
      ]
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
      calls.slice(1).forEach((call, i) => together(calls[i]!, call))
    })
  })

  it.runIf(stepCompiler())('draws the same in a captured step, from a buffer and from an input', () => {
    const eager = withBuffer((buffer) => [1, 2, 3, 4, 5].map(() => drawNext(buffer, 10)))
    withBuffer((buffer) => {
      const step = stepCompiler()!(() => [drawIntegers(10, { position: nextDrawPosition(buffer), purpose: 'test', seed: 0 })], { fallback: 'throw' })
      expect([1, 2, 3, 4, 5].map(() => [...step()[0]!.dataSync()])).toEqual(eager)
      step.dispose()
    })
    const step = stepCompiler()!((position) => [drawIntegers(10, { position: position as tf.Tensor1D, purpose: 'test', seed: 0 })], { fallback: 'throw' })
    for (let batch = 0; batch < 5; batch++) {
      const at = drawPosition(0, 1, batch)
      expect([...step(tf.tensor1d(at, 'int32'))[0]!.dataSync()]).toEqual(drawAt(at, 10))
    }
    step.dispose()
  })
})
