import { describe, expect, it } from 'vitest'
import type { RunRecord } from '../record/run-record.js'
import { sampleRun, TRIPLET, UNTRAINED } from '../record/sample-run.fixture.js'
import { compareMethods, evaluatedSplits, formatGain, formatSpread, type Comparison } from './comparison.js'
import { methodsOf } from './method.js'

const compareRuns = (runs: readonly RunRecord[]) => compareMethods(methodsOf('test', runs))
const rowOf = (comparison: Comparison, label: string) => comparison.rows.find(({ metric }) => metric.label === label)!
const meansOf = (comparison: Comparison, label: string) => rowOf(comparison, label).values.map((value) => value?.mean)

describe('compareMethods', () => {
  it('has one untrained column for runs that began alike, and one each for runs that did not', () => {
    const nearly = { ...UNTRAINED, AMI: UNTRAINED.AMI + 1e-5 }
    const [a, b] = [sampleRun('A'), sampleRun('B', [nearly, TRIPLET])]
    expect(compareRuns([a, b]).columns.map(({ name, baseline }) => [name, baseline])).toEqual([
      ['Untrained', undefined],
      ['A', 0],
      ['B', 0],
    ])
    const other = sampleRun('C', [{ ...UNTRAINED, AMI: 0.2 }, TRIPLET])
    expect(compareRuns([a, other, b]).columns.map(({ name, baseline }) => [name, baseline])).toEqual([
      ['Untrained (A, B)', undefined],
      ['Untrained (C)', undefined],
      ['A', 0],
      ['C', 1],
      ['B', 0],
    ])
  })

  it('marks all that look best, also the untrained model, and nothing that stands alone', () => {
    const runs = [
      sampleRun('A', [
        { x: 0.1, y: 0.9, z: 0.1 },
        { x: 0.35312, y: 0.2 },
      ]),
      sampleRun('B', [
        { x: 0.1, y: 0.9, z: 0.1 },
        { x: 0.35349, y: 0.3 },
      ]),
    ]
    const comparison = compareRuns(runs)
    expect(rowOf(comparison, 'x').best).toEqual([false, true, true])
    expect(rowOf(comparison, 'y').best).toEqual([true, false, false])
    expect(meansOf(comparison, 'z')).toEqual([0.1, undefined, undefined])
    expect(rowOf(comparison, 'z').best).toEqual([false, false, false])
  })

  it('takes the smaller for the better where the metric says so, and calls it as it says', () => {
    const fnmr = { label: 'FNMR', title: 'false non-match rate', meaning: '', better: 'smaller' } as const
    const run = (name: string, value: number) => sampleRun(name, [{ fnmr: 0.9 }, { fnmr: value }], { descriptions: { fnmr } })
    const comparison = compareRuns([run('A', 0.2), run('B', 0.1)])
    expect(rowOf(comparison, 'FNMR ↓').best).toEqual([false, false, true])
  })

  it('never takes NaN for the best', () => {
    const runs = [sampleRun('A', [{ x: 0.1 }, { x: NaN }]), sampleRun('B', [{ x: 0.1 }, { x: 0.2 }])]
    expect(rowOf(compareRuns(runs), 'x').best).toEqual([false, false, true])
  })

  it('shows columns without values for runs that were not evaluated', () => {
    const comparison = compareRuns([sampleRun('A', [UNTRAINED]), sampleRun('B', [])])
    expect(comparison.columns.map(({ name }) => name)).toEqual(['Untrained', 'A', 'B'])
    expect(meansOf(comparison, 'P@1')).toEqual([0.111, undefined, undefined])
    expect(compareRuns([sampleRun('B', [])]).rows).toEqual([])
  })

  it('takes the runs of a method together, and those of before training, too', () => {
    const run = (name: string, method: string, before: number, after: number) =>
      sampleRun(name, [{ x: before }, { x: after }], { method })
    const comparison = compareRuns([
      run('A 0', 'A', 0.1, 0.2),
      run('A 1', 'A', 0.3, 0.6),
      run('B 0', 'B', 0.1, 0.4),
      run('B 1', 'B', 0.3, 0.41),
    ])
    expect(comparison.columns.map(({ name, baseline }) => [name, baseline])).toEqual([
      ['Untrained', undefined],
      ['A', 0],
      ['B', 0],
    ])
    const [untrained, a, b] = rowOf(comparison, 'x').values
    expect([untrained, a, b].map(formatSpread)).toEqual(['0.200 ± 0.141', '0.400 ± 0.283', '0.405 ± 0.007'])
    expect(rowOf(comparison, 'x').best).toEqual([false, false, true])
  })

  it('counts only runs that were evaluated', () => {
    const runs = [sampleRun('A 0', [{ x: 0.1 }, { x: 0.2 }], { method: 'A' }), sampleRun('A 1', [{ x: 0.3 }], { method: 'A' })]
    expect(rowOf(compareRuns(runs), 'x').values[1]).toEqual({ mean: 0.2, count: 1 })
  })

  it('looks at the split whose embeddings were kept first', () => {
    const run = sampleRun('A', [])
    const evaluation = {
      epoch: 1,
      step: 1,
      tester: 't',
      metrics: { train: { x: 1 }, val: { x: 0.5 } },
      isBest: true,
      seconds: 1,
    }
    expect(evaluatedSplits([{ ...run, evaluations: [evaluation] }])).toEqual(['train', 'val'])
    const embeddings = { split: 'val', classNames: [], rows: [], labels: [], dim: 1 }
    expect(evaluatedSplits([{ ...run, evaluations: [evaluation], embeddings }])).toEqual(['val', 'train'])
  })
})

describe('formatGain', () => {
  it('is the difference of what is shown, with a sign', () => {
    expect(formatGain(0.353, 0.111)).toBe('+0.242')
    expect(formatGain(0.1, 0.11)).toBe('−0.010')
    expect(formatGain(0.1004, 0.1001)).toBe('+0.000')
  })
})
