import { describe, expect, it } from 'vitest'
import { sampleRun } from './sample-run.fixture.js'
import { trainingTotals } from './training-totals.js'

describe('trainingTotals', () => {
  it('adds up epochs, the one that was cut short included', () => {
    const run = sampleRun('Run', [{}, {}, {}])
    const cut = { epoch: 3, complete: false, steps: 5, samples: 320, seconds: 1, dataWaitSeconds: 0.5 }
    expect(trainingTotals({ ...run, epochs: [...run.epochs, cut] })).toEqual({
      completeEpochs: 2,
      steps: 25,
      samples: 1600,
      trainingSeconds: 5,
      evaluationSeconds: 3,
      dataWaitSeconds: 0.75,
      samplesPerSecond: 320,
    })
  })

  it('has no rate before the first step', () => {
    expect(trainingTotals(sampleRun('Run', [])).samplesPerSecond).toBe(0)
  })
})
