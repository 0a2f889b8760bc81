import { expect, it } from 'vitest'
import { CHECKPOINT_EVERY, sideSpeed } from './side-speed.js'

it('is images by seconds, each step with its share of a checkpoint', () => {
  expect(sideSpeed({ steps: 30, batchSize: 64, seconds: 60 })).toEqual({ imagesPerSecond: 32, steps: 30 })
  // As many steps as there are between two checkpoints pay for one.
  expect(sideSpeed({ steps: CHECKPOINT_EVERY, batchSize: 64, seconds: 60, checkpointSeconds: 4 })).toEqual({ imagesPerSecond: (64 * CHECKPOINT_EVERY) / 64, steps: CHECKPOINT_EVERY, checkpointSeconds: 4 })
  expect(sideSpeed({ steps: CHECKPOINT_EVERY / 4, batchSize: 64, seconds: 60, checkpointSeconds: 4 }).imagesPerSecond).toBeCloseTo((16 * CHECKPOINT_EVERY) / 61, 10)
})
