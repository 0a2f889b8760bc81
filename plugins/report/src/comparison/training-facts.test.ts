import { expect, it } from 'vitest'
import type { RunRecord } from '../record/run-record.js'
import { sampleRun } from '../record/sample-run.fixture.js'
import { methodsOf } from './method.js'
import { trainingFacts } from './training-facts.js'

it('says that runs were cut off, unless they are under way', () => {
  const early = (runs: readonly RunRecord[], underWay?: boolean) =>
    trainingFacts(methodsOf('test', runs), { ...(underWay !== undefined && { underWay }) }).find(({ label }) => label === 'Stopped early')?.values
  const [complete, running] = [sampleRun('Triplet'), { ...sampleRun('ArcFace'), status: 'running' as const }]
  expect(early([complete, running])).toEqual(['no', 'unfinished'])
  expect(early([complete, running], true)).toBeUndefined()
  expect(early([{ ...complete, status: 'stopped' }, running], true)).toEqual(['yes', 'unfinished'])
})
