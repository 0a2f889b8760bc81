import { describe, expect, it } from 'vitest'
import { describeMetric, orderMetrics } from './metric-description.js'

describe('metrics', () => {
  it('are called as in papers', () => {
    const keys = [
      'precisionAt1',
      'rPrecision',
      'AMI',
      'meanReciprocalRank',
      'meanAveragePrecision',
      'NMI',
      'meanAveragePrecisionAtR',
    ]
    expect(orderMetrics(keys).map(({ label }) => label)).toEqual([
      'AMI',
      'NMI',
      'MAP',
      'MAP@R',
      'MRR',
      'P@1',
      'R-Precision',
    ])
  })

  it('that are not known come last, by their own names, each once', () => {
    expect(orderMetrics(['zeta', 'alpha', 'NMI', 'zeta']).map(({ label }) => label)).toEqual(['NMI', 'zeta', 'alpha'])
    expect(describeMetric('zeta')).toEqual({ key: 'zeta', label: 'zeta', title: '', meaning: '', better: 'larger' })
  })

  it('of one’s own are called as those who measured them say', () => {
    const recall = { label: 'R@4', title: 'recall at 4', meaning: '', better: 'larger' } as const
    const own = { recallAt4: recall, precisionAt1: recall }
    expect(orderMetrics(['recallAt4', 'precisionAt1'], own).map(({ key, label }) => [key, label])).toEqual([
      ['precisionAt1', 'P@1'],
      ['recallAt4', 'R@4'],
    ])
  })
})
