import { describe, expect, it } from 'vitest'
import { Stopwatch, type Timed } from './stopwatch.js'

describe('Stopwatch', () => {
  it('counts the time of nested calls once, also when they throw', () => {
    let clock = 0
    const stopwatch = new Stopwatch(() => clock)
    const seen: Record<string, Timed> = {}
    const call = (name: string, work: () => void) => {
      stopwatch.time(work, (timed) => {
        seen[name] = timed
      })
    }
    const fails = () => {
      clock += 3
      throw new Error('inner')
    }
    call('outer', () => {
      clock += 1
      call('first', () => {
        clock += 2
        expect(() => {
          call('innermost', fails)
        }).toThrow('inner')
      })
      call('second', () => (clock += 10))
      clock += 100
    })
    expect(seen).toEqual({
      innermost: { start: 3, end: 6, own: 3 },
      first: { start: 1, end: 6, own: 2 },
      second: { start: 6, end: 16, own: 10 },
      outer: { start: 0, end: 116, own: 101 },
    })
  })
})
