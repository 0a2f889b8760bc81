import { AccuracyCalculator } from '@metric-learning/evaluation'
import { describeMetric } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { exampleMetric } from './example-metric.js'

const calculator = (metric: ReturnType<typeof exampleMetric>) => new AccuracyCalculator({ metrics: [metric], include: [metric.name] })

describeMetric('exampleMetric', {
  create: () => exampleMetric(),
  calculator,
  mistakes: { 'no neighbour': () => exampleMetric({ k: 0 }), 'an unknown option': () => exampleMetric({ K: 5 } as never) },
})

it('has the value that its formula gives', async () => {
  // On a line: matches of the queries are at ranks 1, 1, 2 and 2, and each has one.
  const { metrics } = await calculator(exampleMetric({ k: 2 })).getAccuracy({ query: [[0], [1], [3], [5.5]], queryLabels: [0, 0, 1, 1] })
  expect(Object.values(metrics)).toEqual([expect.closeTo((1 + 1 + 1 / Math.log2(3) + 1) / 4, 5)])
})
