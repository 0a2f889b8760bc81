import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { Scheduled } from '../scheduled.js'
import { scalars } from './scalars.js'

describe('scalars', () => {
  it('give plain numbers of plain ones, in double precision', () => {
    expect(scalars.add(0.1, 0.2)).toBe(0.1 + 0.2)
    expect(scalars.sub(1, 0.9)).toBe(1 - 0.9)
    expect(scalars.mul(0.1, 3)).toBe(0.1 * 3)
    expect(scalars.div(1, 3)).toBe(1 / 3)
    expect(scalars.neg(0.1)).toBe(-0.1)
    expect([scalars.cos(0.5), scalars.sin(0.5), scalars.tan(0.5)]).toEqual([Math.cos(0.5), Math.sin(0.5), Math.tan(0.5)])
    expect(scalars.square(0.3)).toBe(0.3 ** 2)
  })

  it('give tensors that follow a number which is scheduled', () => {
    const x = new Scheduled(0.5)
    for (const value of [0.5, 0.25]) {
      x.value = value
      const near = (of: number | tf.Scalar, wanted: number) => expect((of as tf.Scalar).dataSync()[0]).toBeCloseTo(wanted, 6)
      near(scalars.add(x, 1), value + 1)
      near(scalars.sub(1, x), 1 - value)
      near(scalars.mul(x, tf.scalar(3)), value * 3)
      near(scalars.div(x, 3), value / 3)
      near(scalars.neg(x), -value)
      near(scalars.cos(x), Math.cos(value))
      near(scalars.sin(x), Math.sin(value))
      near(scalars.tan(x), Math.tan(value))
      near(scalars.square(x), value ** 2)
    }
    x.dispose()
  })
})
