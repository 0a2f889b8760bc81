import { expect, it } from 'vitest'
import type { RunRecord } from '../record/run-record.js'
import { sampleRun } from '../record/sample-run.fixture.js'
import { methodsOf } from './method.js'
import { missingNotes } from './missing-notes.js'

const withReasons = (name: string, reasons: Readonly<Record<string, string>>): RunRecord => {
  const run = sampleRun(name, [{ rPrecision: 0.1 }, { rPrecision: 0.2 }])
  return { ...run, evaluations: run.evaluations.map((evaluation) => ({ ...evaluation, reasons: { heldOut: reasons } })) }
}

it('missingNotes says once for each reason what is missing and where', () => {
  const one = { NMI: 'All queries are of one class.', AMI: 'All queries are of one class.', own: 'It gave NaN for query 3.' }
  const methods = methodsOf('test', [withReasons('A', one), withReasons('B', { own: one.own }), sampleRun('C')])
  expect(missingNotes(methods, ['heldOut'])).toEqual([
    'No AMI, NMI of heldOut (untrained, A): All queries are of one class.',
    'No own of heldOut (untrained, A, B): It gave NaN for query 3.',
  ])
  expect(missingNotes(methods, ['train'])).toEqual([])
})
