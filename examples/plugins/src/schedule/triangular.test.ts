import { describePlugin, describeShape } from '@metric-learning/plugin-testkit'
import { schedules } from '@metric-learning/schedules'
import { expect, it } from 'vitest'
import { triangular } from './triangular.js'

describeShape('triangular', {
  create: () => triangular({ stepSize: 7 }),
  mistakes: { 'no step size': () => triangular({} as never), 'a bottom above the top': () => triangular({ stepSize: 7, bottom: 2 }), 'an unknown option': () => triangular({ stepSize: 7, top: 1 } as never) },
})
describePlugin('triangular in a run', { create: () => schedules([{ of: 'trunk', shape: triangular({ stepSize: 2 }), by: 'step' }]), skip: { watching: 'it changes a learning rate' } })

it('goes up and down', () => {
  const shape = triangular({ stepSize: 2, bottom: 0.5 })
  expect([0, 1, 2, 3, 4, 5].map((position) => shape(position, 4))).toEqual([2, 3, 4, 3, 2, 3])
})
