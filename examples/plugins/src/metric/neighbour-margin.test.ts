import { AccuracyCalculator } from '@metric-learning/evaluation'
import { describeMetric } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { neighbourMargin } from './neighbour-margin.js'

const calculator = () => new AccuracyCalculator({ metrics: [neighbourMargin], include: ['neighbourMargin'] })
describeMetric('neighbourMargin', { create: () => neighbourMargin, calculator })

it('has the value that its formula gives', async () => {
  // Squared distances to match and other: 1 and 9, 1 and 4, 4 and 4, 4 and 16.
  const { metrics } = await calculator().getAccuracy({ query: [[0], [1], [3], [5]], queryLabels: [0, 0, 1, 1] })
  expect(metrics.neighbourMargin).toBeCloseTo((8 / 10 + 3 / 5 + 0 + 12 / 20) / 4, 5)
})
