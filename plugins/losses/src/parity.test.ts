import { MetricLearningError } from '@metric-learning/core'
import * as distances from '@metric-learning/distances'
import * as reducers from '@metric-learning/reducers'
import * as regularizers from '@metric-learning/regularizers'
import { describe, expect, it } from 'vitest'
import { checkLoss, lossArguments } from '../../../tools/golden/check-loss.js'
import { missingClass, type Registry } from '../../../tools/golden/construct.js'
import { fixedLossCase } from '../../../tools/golden/fixed-losses.js'
import { readGolden } from '../../../tools/golden/read-golden.js'
import * as losses from './index.js'

const registry = { ...distances, ...reducers, ...regularizers, ...losses } as object as Registry

describe('losses as in PyTorch Metric Learning', () => {
  for (const of of readGolden('losses')) {
    const missing = missingClass({ class: of.class, args: lossArguments(of) }, registry)
    const fixed = fixedLossCase(of)
    if (missing) it.skip(`${of.id} (there is no ${missing} yet)`)
    else if (of.expected.error && !fixed) it(of.id, () => expect(() => checkLoss(of, registry)).toThrow(MetricLearningError))
    else it(fixed ? `${of.id} (${fixed.why})` : of.id, () => checkLoss(of, registry))
  }
})
