import { expect, it } from 'vitest'
import { verdictOf } from './verdict.js'

const readings = (mebibytes: (step: number) => number, tensors = (_step: number) => 61) =>
  Array.from({ length: 100 }, (_, i) => 100 * (i + 1)).map((step) => ({ step, tensors: tensors(step), mebibytes: mebibytes(step) }))

it('looks at the second half: what comes before is warm-up', () => {
  const { isFlat, text } = verdictOf(readings((step) => (step < 5000 ? step / 10 : 500 + (step % 300 === 0 ? 4 : 0))))
  expect(isFlat).toBe(true)
  expect(text).toMatch(/^flat from step 5100 to 10000: 61 tensors, 504 to 500 MiB resident, -?0\.0\d KiB a step \(at most 1\)$/)
})

it('finds a slow leak of memory', () => {
  expect(verdictOf(readings((step) => 500 + (2 * step) / 1024))).toMatchObject({ isFlat: false, text: expect.stringContaining('2.00 KiB a step') as string })
})

it('finds a tensor that is left behind', () => {
  const { isFlat, text } = verdictOf(readings(() => 500, (step) => (step > 9000 ? 62 : 61)))
  expect(isFlat).toBe(false)
  expect(text).toContain('61 to 62 tensors')
})
