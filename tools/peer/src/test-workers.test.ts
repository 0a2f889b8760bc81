import { expect, it } from 'vitest'

interface Machine {
  readonly processors?: number
  readonly bytes?: number
  readonly wanted?: string
}
// Plain JavaScript, since it is there before anything is installed.
const { testWorkers } = (await import(new URL('../../test-workers.mjs', import.meta.url).href)) as { testWorkers: (machine?: Machine) => number }

it('runs as many test files at a time as there are processors, and memory for them', () => {
  const workers = (processors: number, gibibytes: number) => testWorkers({ processors, bytes: gibibytes * 2 ** 30, wanted: '' })
  expect([workers(2, 24), workers(32, 128), workers(32, 8), workers(1, 64), workers(4, 1)]).toEqual([2, 32, 4, 1, 1])
  expect(testWorkers()).toBeGreaterThanOrEqual(1)
})

it('runs as many as it is told to', () => {
  expect(testWorkers({ processors: 2, bytes: 1, wanted: '5' })).toBe(5)
  expect(() => testWorkers({ wanted: 'many' })).toThrow("METRIC_LEARNING_TEST_WORKERS: wanted an integer of at least 1, got 'many'")
})
