import { describe, expect, it } from 'vitest'
import { seriesColour, seriesDash, seriesShape } from './palette.js'

const count = (of: (index: number) => unknown) => new Set(Array.from({ length: 36 }, (_, index) => JSON.stringify(of(index)))).size

describe('the marks of series', () => {
  it('are all different, of the seventh and of the 36th, too: colour and shape, colour and dash', () => {
    expect(count((index) => [seriesColour(index), seriesShape(index)])).toBe(36)
    expect(count((index) => [seriesColour(index), seriesDash(index)])).toBe(36)
  })

  it('are drawn through, each of a colour and a shape of its own, as long as six are enough', () => {
    const first = Array.from({ length: 6 }, (_, index) => index)
    expect(new Set(first.map(seriesColour)).size).toBe(6)
    expect(new Set(first.map(seriesShape)).size).toBe(6)
    expect(first.map(seriesDash)).toEqual(first.map(() => []))
  })
})
