import { describe, expect, it } from 'vitest'
import { Throughput } from './throughput.js'

describe('Throughput', () => {
  it('gives the mean wait since the last look', () => {
    const throughput = new Throughput()
    throughput.add(64, 3)
    throughput.add(64, 5)
    const { samplesPerSecond, dataWait } = throughput.look()
    expect(dataWait).toBe(4)
    expect(samplesPerSecond).toBeGreaterThan(0)
    throughput.add(64, 10)
    expect(throughput.look().dataWait).toBe(10)
    expect(throughput.look().dataWait).toBe(0)
  })
})
