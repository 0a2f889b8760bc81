import { expect, it } from 'vitest'
import { meanCurve } from './mean-curve.js'

it('is the mean where several runs have a point, and goes on with those that went on', () => {
  const curve = meanCurve([
    [{ epoch: 0, value: 1 }, { epoch: 1, value: 2 }],
    [{ epoch: 0, value: 3 }, { epoch: 1, value: 4 }, { epoch: 2, value: 5 }],
  ])
  expect(curve).toEqual([
    { epoch: 0, value: 2, deviation: Math.SQRT2, caption: 'epoch 0, 2 runs' },
    { epoch: 1, value: 3, deviation: Math.SQRT2, caption: 'epoch 1, 2 runs' },
    { epoch: 2, value: 5, caption: 'epoch 2, 1 run' },
  ])
})

it('leaves a single run as it is', () => {
  const points = [{ epoch: 0.5, value: 1, caption: 'mean of epoch 1' }]
  expect(meanCurve([points])).toEqual(points)
})
