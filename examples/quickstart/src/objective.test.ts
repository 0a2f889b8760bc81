import type { ArcFaceLoss } from '@metric-learning/losses'
import { useBackend } from '@metric-learning/backend'
import { expect, it } from 'vitest'
import { objectiveOf, SIDES } from './objective.js'

it('takes the scale of ArcFace from the number of classes, and says so', async () => {
  await useBackend('cpu')
  const scaleOf = (numClasses: number) => (objectiveOf('arcface', { numClasses, embeddingSize: 4, seed: 0 }).loss as ArcFaceLoss).scale
  expect(scaleOf(245)).toBeCloseTo(7.66, 2)
  expect(scaleOf(2)).toBeCloseTo(1.1, 2)
  expect(SIDES.arcface.describe(245)).toBe('ArcFaceLoss (margin 28.6°, scale 7.7)')
})
