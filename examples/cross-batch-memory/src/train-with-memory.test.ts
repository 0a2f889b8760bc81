import { Random, type Dataset } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { trainWithMemory } from './train-with-memory.js'

const [classes, perClass, side] = [4, 4, 16]

/** Pictures of noise around one picture a class. */
function noisy(seed: number): Dataset {
  const random = new Random(seed)
  const centres = Array.from({ length: classes }, () => Float32Array.from({ length: side * side }, () => random.normal()))
  const pictures = Array.from({ length: classes * perClass }, (_, row) => centres[row % classes]!.map((value) => value + 0.3 * random.normal()))
  return {
    name: 'noisy',
    labels: Int32Array.from(pictures.keys(), (row) => row % classes),
    classNames: ['a', 'b', 'c', 'd'],
    sampleShape: [side, side, 1],
    load: (rows) => Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => [...pictures[row]!])), shape: [rows.length, side, side, 1] }),
  }
}

describe('trainWithMemory', () => {
  it('gives a precision, with a memory and without', async () => {
    const options = { train: noisy(1), heldOut: noisy(2), batchSize: 4, epochs: 3, seed: 0 }
    const [alone, remembered] = [await trainWithMemory({ ...options, memorySize: 0 }), await trainWithMemory({ ...options, memorySize: 8 })]
    for (const precision of [alone, remembered]) {
      expect(precision).toBeGreaterThanOrEqual(0)
      expect(precision).toBeLessThanOrEqual(1)
    }
  })
})
