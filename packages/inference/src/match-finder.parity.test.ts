import * as distances from '@metric-learning/distances'
import { planCase, readGolden, type Registry } from '@metric-learning/golden'
import { describe, it } from 'vitest'
import { MatchFinder } from './match-finder.js'

describe('MatchFinder as in PyTorch Metric Learning', () => {
  for (const of of readGolden('utils').filter((one) => one.class === 'MatchFinder')) {
    const plan = planCase('utils', of, { ...distances, MatchFinder } as object as Registry)
    if ('run' in plan) it(`${of.id} (${plan.fixed})`, plan.run)
    else it.skip(`${of.id} (${plan.skip})`)
  }
})
