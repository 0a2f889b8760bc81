import { describe, expect, it } from 'vitest'
import { completeEvaluation } from './evaluations.js'

describe('completeEvaluation', () => {
  it('has null in place of NaN, and a reason for each null', () => {
    const reasons = { val: { AMI: 'One class.' }, train: { AMI: 'None.' } }
    const found = completeEvaluation({ tester: 'own', metrics: { val: { AMI: null, NMI: NaN, precisionAt1: 0.5 } }, reasons, seconds: 1 })
    expect(found.metrics).toEqual({ val: { AMI: null, NMI: null, precisionAt1: 0.5 } })
    expect(found.reasons).toEqual({ val: { AMI: 'One class.', NMI: 'The tester gave no value.' } })
  })

  it('fills in what was left out', () => {
    expect(completeEvaluation({ tester: 'own', metrics: {}, seconds: 0 })).toEqual({
      tester: 'own',
      metrics: {},
      reasons: {},
      descriptions: {},
      splits: [],
      isBest: false,
      warnings: [],
      seconds: 0,
    })
  })
})
