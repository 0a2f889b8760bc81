import { describePlugin, describeShape } from '@metric-learning/plugin-testkit'
import { schedules } from '@metric-learning/schedules'
import { expect, it } from 'vitest'
import { exampleSchedule } from './example-schedule.js'

describeShape('exampleSchedule', {
  create: () => exampleSchedule({ warmUp: 10 }),
  mistakes: {
    'no warm-up': () => exampleSchedule({} as never),
    'a warm-up of 0': () => exampleSchedule({ warmUp: 0 }),
    'an unknown option': () => exampleSchedule({ warmUp: 10, warmup: 10 } as never),
  },
})
describePlugin('exampleSchedule in a run', {
  create: () => schedules([{ of: 'trunk', shape: exampleSchedule({ warmUp: 3 }), by: 'step' }]),
  skip: { watching: 'it changes a learning rate' },
})

it('has the values that its formula gives', () => {
  const shape = exampleSchedule({ warmUp: 4 })
  expect([0, 3, 15].map((position) => shape(position, 0.1))).toEqual([0.025, 0.1, 0.05])
})
