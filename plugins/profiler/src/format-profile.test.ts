import { describe, expect, it } from 'vitest'
import { formatProfile } from './format-profile.js'
import type { ProfileSummary } from './profile-summary.js'

const nothing = { operations: 0, graphs: 0, transfers: 0, reads: 0 }
const summary: ProfileSummary = {
  backend: 'tensorflow',
  isObserved: true,
  epochs: 1,
  steps: 100,
  eagerSteps: 2,
  evaluations: 1,
  dataWait: 50,
  step: { total: 900, library: { ...nothing, operations: 40, graphs: 800 }, host: 60 },
  between: { total: 50, library: { ...nothing, reads: 10 }, host: 40 },
  evaluation: { total: 1500, library: { ...nothing, operations: 1000 }, host: 500 },
  stepOperations: [
    { operation: 'Conv2D', count: 8, total: 30, share: 0.75 },
    { operation: 'Add', count: 1200, total: 10, share: 0.25 },
  ],
  evaluationOperations: [],
  graphs: [
    { graph: 1, operations: [['Mul', 30], ['Conv2D', 4]], runs: 98, total: 1070, first: 100 },
    { graph: 2, operations: [], runs: 0, total: 0, first: 0 },
  ],
  memory: { tensors: [61, 61], tensorBytes: 1_400_000, resident: 718_000_000, peak: 931_000_000 },
  untraced: 0,
}

describe('formatProfile', () => {
  it('says where the time of a step goes', () => {
    expect(formatProfile(summary)).toBe(
      `
Profile of 100 steps in 1 epoch on tensorflow

Mean of a step
waiting for data                           0.50 ms    5.0 %
step                                       9.00 ms   90.0 %
  TensorFlow: compiled graphs              8.00 ms   80.0 %
  TensorFlow: operations one by one        0.40 ms    4.0 %
  host (JavaScript)                        0.60 ms    6.0 %
between steps (plugins, logs, reads)       0.50 ms    5.0 %
  TensorFlow: reading values               0.10 ms    1.0 %
  host (JavaScript)                        0.40 ms    4.0 %
in all                                    10.00 ms  100.0 %

Compiled graph 1: 34 operations, 98 runs, 10.00 ms each after the first (100 ms)
  Mul 30, Conv2D 4

Operations one by one, in 2 of 100 steps
  operation                    calls   total, ms    share   mean, µs
  Conv2D                           8        30.0   75.0 %       3750
  Add                          1,200        10.0   25.0 %          8

Evaluation, once, 1.50 s
  TensorFlow: operations one by one        1.00 s    66.7 %
  host (JavaScript)                        0.50 s    33.3 %

Memory: 61 tensors after the first step, 61 after the last, 1 MB at the most;
        the process holds 718 MB, at its peak 931 MB
`.slice(1),
    )
  })

  it('says what it could not see', () => {
    const text = formatProfile({ ...summary, backend: 'wasm', isObserved: false, untraced: 1234 })
    expect(text).toContain('Operations are seen on the native backend only; this is "wasm".')
    expect(text).toContain('The trace was full: 1,234 spans and readings came after that; what they took is counted here, but not drawn there.')
    expect(formatProfile({ ...summary, steps: 0 })).toContain('No step was taken.')
    expect(formatProfile({ ...summary, eagerSteps: 0 })).toContain('Operations one by one, while steps were recorded')
  })

  it('sums up what does not fit into a table', () => {
    const many = Array.from({ length: 15 }, (_, i) => ({ operation: `Op${i}`, count: 2, total: 3, share: 1 / 15 }))
    const lines = formatProfile({ ...summary, stepOperations: many }).split('\n')
    expect(lines).toContain('  3 others                         6         9.0   20.0 %       1500')
  })
})
