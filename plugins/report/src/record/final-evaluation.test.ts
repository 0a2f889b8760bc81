import { describe, expect, it } from 'vitest'
import { finalEvaluation, untrainedEvaluation } from './final-evaluation.js'
import { sampleRun } from './sample-run.fixture.js'

const [before, worse, better, last] = [{ P: 0.1 }, { P: 0.05 }, { P: 0.3 }, { P: 0.2 }]
const run = sampleRun('Run', [before, worse, better, last])
const marked = {
  ...run,
  result: 'best' as const,
  evaluations: run.evaluations.map((evaluation) => ({ ...evaluation, isBest: [0, 2].includes(evaluation.epoch) })),
}

describe('finalEvaluation', () => {
  it('is the last, or the best when that is the result', () => {
    expect(finalEvaluation(run, 'heldOut')?.epoch).toBe(3)
    expect(finalEvaluation(marked, 'heldOut')?.epoch).toBe(2)
  })

  it('is the last when none beat the untrained model', () => {
    const none = {
      ...marked,
      evaluations: marked.evaluations.map((evaluation) => ({ ...evaluation, isBest: evaluation.epoch === 0 })),
    }
    expect(finalEvaluation(none, 'heldOut')?.epoch).toBe(3)
  })

  it('is never the untrained one, nor of another split', () => {
    expect(finalEvaluation(sampleRun('Run', [before]), 'heldOut')).toBeUndefined()
    expect(finalEvaluation(run, 'other')).toBeUndefined()
    expect(untrainedEvaluation(run, 'heldOut')?.metrics['heldOut']).toEqual(before)
  })
})
