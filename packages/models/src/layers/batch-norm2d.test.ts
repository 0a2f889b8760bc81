import { Scheduled } from '@metric-learning/ops'
import { expect, it } from 'vitest'
import { BatchNorm2d } from './batch-norm2d.js'

it.each(['momentum', 'epsilon'])('BatchNorm2d refuses %s as a number that is scheduled', (option) => {
  const scheduled = new Scheduled(0.1)
  expect(() => new BatchNorm2d({ channels: 1, [option]: scheduled })).toThrow(`BatchNorm2d: wanted \`${option}\` to be a plain number, got one that is scheduled`)
  scheduled.dispose()
})
