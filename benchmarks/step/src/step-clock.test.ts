import { expect, it, vi } from 'vitest'
import { StepClock } from './step-clock.js'
import { trainerOf } from './trainer-of.js'

const request = { net: 'convnet-16', batch: 8, imageSize: 28, channels: 1, loss: 'triplet', compile: false, precision: 'float32', warmUp: 1, steps: 3 } as const

it.each(['cpu', 'cuda'] as const)('takes the time of the steps after the warm-up on %s', async (device) => {
  const printed: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
  const clock = new StepClock({ ...request, device })
  await trainerOf(request, { steps: 4, plugins: [clock] }).train({ epochs: 1 })
  vi.restoreAllMocks()
  expect(printed).toEqual(['timing\n'])
  expect(clock.times).toHaveLength(3)
  expect(clock.total).toBeGreaterThanOrEqual(Math.max(...clock.times))
})
