import { checkedExperiment } from '@metric-learning/experiments'
import { expect, it } from 'vitest'
import { SETS, tenLosses } from './ten-losses.js'

it.each(SETS)('is a configuration of ten losses, four folds and three repeats: %s', async (set) => {
  const { configuration } = await checkedExperiment(tenLosses(set), { who: 'benchmark', folder: '/' })
  expect(Object.keys(configuration.methods)).toHaveLength(10)
  expect(configuration.protocol).toEqual({ folds: 4 })
  expect(configuration.seeds).toHaveLength(3)
})
