import { describe, expect, it } from 'vitest'
import { smallestScale } from './smallest-scale.js'

/** What an embedding on the vector of its class gets, with the vectors of all classes in the corners of a simplex. */
function probabilityAt(scale: number, numClasses: number): number {
  const [own, other] = [Math.exp(scale), Math.exp(-scale / (numClasses - 1))]
  return own / (own + (numClasses - 1) * other)
}

describe('smallestScale', () => {
  it('gives an embedding on the vector of its class the probability that is asked for', () => {
    for (const numClasses of [2, 3, 17, 245, 100_000]) {
      for (const probability of [0.9, 0.99]) {
        expect(probabilityAt(smallestScale(numClasses, probability), numClasses)).toBeCloseTo(probability, 10)
      }
    }
  })

  it('is 7.7 for the 245 classes of the quickstart', () => {
    expect(smallestScale(245, 0.9)).toBeCloseTo(7.66, 2)
  })
})
