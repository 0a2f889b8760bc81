import { describe, expect, it } from 'vitest'
import { Restlessness } from './restlessness.js'

/** What is said of captures in these calls. */
const noted = (calls: readonly number[], paths: (call: number) => string[] = () => ['loss.margin']) => {
  const restlessness = new Restlessness()
  return calls.map((call) => restlessness.note(call, paths(call)))
}

describe('Restlessness', () => {
  it('is seen in three captures in three calls, by the fields that changed in each', () => {
    expect(noted([2, 3, 4])).toEqual([undefined, undefined, ['loss.margin']])
    expect(noted([2, 3, 4], (call) => ['a', `b${call}`, 'c'])).toEqual([undefined, undefined, ['a', 'c']])
    expect(noted([2, 3, 4], () => [])).toEqual([undefined, undefined, []])
  })

  it('is not seen in a change each epoch, be it of two steps; it is when that goes on in short epochs', () => {
    expect(noted([2, 4, 6, 8])).toEqual(Array(4).fill(undefined))
    expect(noted([2, 4, 6, 8, 10, 12, 14, 16]).at(-1)).toEqual(['loss.margin'])
    expect(noted(Array.from({ length: 50 }, (_, i) => 6 * i))).toEqual(Array(50).fill(undefined))
  })
})
