import { describe, expect, it } from 'vitest'
import { sampleRun, TRIPLET, UNTRAINED } from '../record/sample-run.fixture.js'
import type { RunRecord } from '../record/run-record.js'
import { methodsOf } from './method.js'
import { summarise as summariseMethods } from './summary.js'

const summarise = (runs: readonly RunRecord[]) => summariseMethods(methodsOf('test', runs))

describe('summarise', () => {
  it('names one run that is best on all', () => {
    const worse = Object.fromEntries(Object.entries(TRIPLET).map(([key, value]) => [key, value - 0.03]))
    expect(summarise([sampleRun('ArcFace', [UNTRAINED, worse]), sampleRun('Triplet')])).toBe(
      'Triplet is best on all 7 metrics, with P@1 at 0.353 (+0.242 over untrained).',
    )
  })

  it('names who is best on what, and ties', () => {
    const other = { ...TRIPLET, AMI: 0.4, NMI: 0.7 }
    expect(summarise([sampleRun('Triplet'), sampleRun('ArcFace', [UNTRAINED, other])])).toBe(
      'Triplet and ArcFace are level on MAP, MAP@R, MRR, P@1 and R-Precision, with P@1 at 0.353 (+0.242 over untrained); ' +
        'ArcFace is best on AMI and NMI, with AMI at 0.400 (+0.286 over untrained).',
    )
  })

  it('compares a single one with the untrained model alone', () => {
    expect(summarise([sampleRun('Triplet')])).toBe('Triplet is better than untrained on all 7 metrics, with P@1 at 0.353 (+0.242 over untrained).')
  })

  it('does not hide that training made it worse', () => {
    expect(summarise([sampleRun('Run', [{ precisionAt1: 0.5 }, { precisionAt1: 0.4 }])])).toBe(
      'Untrained is better than Run on P@1: 0.500.',
    )
  })

  it('says how far the runs of a method lie apart', () => {
    const run = (name: string, after: number) => sampleRun(name, [{ precisionAt1: 0.1 }, { precisionAt1: after }], { method: 'Triplet' })
    expect(summarise([run('Triplet, seed 0', 0.4), run('Triplet, seed 1', 0.5)])).toBe(
      'Triplet is better than untrained on P@1: 0.450 ± 0.071 (+0.350 over untrained).',
    )
  })

  it('manages without an untrained model and without evaluations', () => {
    const run = sampleRun('Run')
    expect(summarise([{ ...run, evaluations: run.evaluations.slice(1) }])).toBe(
      'Run was judged by all 7 metrics, with P@1 at 0.353.',
    )
    expect(summarise([sampleRun('Run', [UNTRAINED])])).toBe('No run was evaluated after training.')
    expect(summarise([sampleRun('Run', [UNTRAINED, {}])])).toBe('No run has metrics after training: there was nothing to judge.')
  })
})
