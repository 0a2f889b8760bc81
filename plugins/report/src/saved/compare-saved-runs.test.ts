import { describe, expect, it } from 'vitest'
import { sampleRun } from '../record/sample-run.fixture.js'
import type { RunRecord } from '../record/run-record.js'
import type { Settings } from '../sections/settings-section.js'
import { compareSavedRuns } from './compare-saved-runs.js'

const saved = (place: string, name: string, options?: Settings, changes?: Partial<RunRecord>) => ({
  record: sampleRun(name, undefined, changes),
  file: `/runs/${place}/results.json`,
  ...(options && { options }),
})
const named = (...runs: Parameters<typeof compareSavedRuns>[0]) => compareSavedRuns(runs).runs.map(({ name, method }) => (method === undefined ? name : `${method}: ${name}`))

describe('compareSavedRuns', () => {
  it('leaves names that are different', () => {
    expect(named(saved('a', 'Triplet'), saved('a', 'ArcFace'))).toEqual(['Triplet', 'ArcFace'])
  })

  it('takes runs together whose options are equal but for the seed', () => {
    const options = (seed: number) => ({ seed, precision: 'float32', output: `out${seed}` })
    expect(named(saved('a', 'Triplet', options(0)), saved('a', 'ArcFace', options(0)), saved('b', 'Triplet', options(1)))).toEqual([
      'Triplet: Triplet, seed 0',
      'ArcFace',
      'Triplet: Triplet, seed 1',
    ])
  })

  it('names runs with other options by these', () => {
    const options = (seed: number, precision: string) => ({ seed, precision })
    expect(named(saved('a', 'T', options(0, 'float32')), saved('b', 'T', options(1, 'float32')), saved('c', 'T', options(0, 'bfloat16')))).toEqual([
      'T, precision float32: T, precision float32, seed 0',
      'T, precision float32: T, precision float32, seed 1',
      'T, precision bfloat16',
    ])
    expect(named(saved('a', 'T', { seed: 0 }), saved('b', 'T', { seed: 1 }, { plannedEpochs: 7 }))).toEqual(['T, epochs 1', 'T, epochs 7'])
  })

  it('does not take runs together of which it knows no more than the name', () => {
    expect(named(saved('rate/1', 'Run'), saved('rate/2', 'Run'))).toEqual(['Run, 1', 'Run, 2'])
    expect(named(saved('a', 'Run', undefined, { description: 'margin 1' }), saved('b', 'Run', undefined, { description: 'margin 2' }))).toEqual([
      'Run, margin 1',
      'Run, margin 2',
    ])
  })

  it('holds to the methods that runs name, and tells runs of one seed apart by their folders', () => {
    const changes = { method: 'Triplet' }
    expect(named(saved('a', 'T 0', undefined, changes), saved('b', 'T 1', undefined, changes))).toEqual(['Triplet: T 0', 'Triplet: T 1'])
    expect(named(saved('a', 'T', undefined, changes), saved('b', 'T', undefined, changes))).toEqual(['Triplet: Triplet, a', 'Triplet: Triplet, b'])
    expect(named(saved('x/a', 'T', { seed: 0 }), saved('x/b', 'T', { seed: 0 }))).toEqual(['T: T, a', 'T: T, b'])
  })

  it('shows options that all have in common', () => {
    const { configuration } = compareSavedRuns([saved('a', 'T', { seed: 0, size: 64, data: 'x' }), saved('b', 'T', { seed: 1, size: 64 })])
    expect(configuration).toEqual({ size: 64 })
  })
})
