import { LabelError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { adjustedMutualInformation } from './adjusted-mutual-information.js'
import { normalizedMutualInformation } from './normalized-mutual-information.js'

/** Borderline labellings; the values are what scikit-learn 1.9.1 gives. */
const BORDERLINE = [
  { what: 'one class each', first: [0, 0, 0], second: [4, 4, 4], nmi: 1, ami: 1 },
  { what: 'one class against two', first: [0, 0, 0, 0], second: [0, 1, 0, 1], nmi: 0, ami: 0 },
  { what: 'equal up to names', first: [0, 0, 1, 1, 2], second: [7, 7, -3, -3, 0], nmi: 1, ami: 1 },
  { what: 'all distinct against all distinct', first: [0, 1, 2, 3], second: [3, 2, 1, 0], nmi: 1, ami: 1 },
  { what: 'independent', first: [0, 0, 1, 1], second: [0, 1, 0, 1], nmi: 0, ami: -0.5 },
  { what: 'nothing at all', first: [], second: [], nmi: 1, ami: 1 },
]

describe('mutual information', () => {
  it.each(BORDERLINE)('$what', ({ first, second, nmi, ami }) => {
    expect(normalizedMutualInformation(first, second)).toBeCloseTo(nmi, 12)
    expect(adjustedMutualInformation(first, second)).toBeCloseTo(ami, 12)
  })

  it('wants labellings of the same elements', () => {
    expect(() => normalizedMutualInformation([0, 1], [0])).toThrow(LabelError)
    expect(() => adjustedMutualInformation([0, 1], [0])).toThrow('contingency: wanted two labels for each element, got 2 and 1.')
  })
})
