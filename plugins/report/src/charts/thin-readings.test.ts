import { describe, expect, it } from 'vitest'
import { thinReadings } from './thin-readings.js'

const readings = (count: number) => Array.from({ length: count }, (_, i) => ({ epoch: i / 10, value: i }))

describe('thinReadings', () => {
  it('keeps what is few', () => {
    expect(thinReadings(readings(3), 3)).toEqual([
      { epoch: 0, value: 0 },
      { epoch: 0.1, value: 1 },
      { epoch: 0.2, value: 2 },
    ])
    expect(thinReadings([])).toEqual([])
  })

  it('averages what is many', () => {
    const thin = thinReadings(readings(1000), 100)
    expect(thin).toHaveLength(100)
    expect(thin[0]!.value).toBe(4.5)
    expect(thin.at(-1)!.value).toBe(994.5)
  })
})
