import type { Dataset } from '@metric-learning/contracts'
import { expect, it } from 'vitest'
import { comparisonOf, SIDES } from './comparison.js'
import { parseCommand } from './options.js'

const drawings = (classes: number): Dataset => ({
  name: 'drawings',
  labels: Int32Array.from({ length: 4 * classes }, (_, row) => row % classes),
  classNames: Array.from({ length: classes }, (_, i) => `class ${i}`),
  sampleShape: [28, 28, 1],
  load: () => Promise.reject(new Error('not asked for')),
})

const methodsOf = async (classes: number, ...argv: string[]) => (await comparisonOf(drawings(classes), parseCommand(argv).options)).configuration.methods

it('takes the scale of ArcFace from the number of classes, and says so', async () => {
  const scaleOf = async (classes: number) => (await methodsOf(classes))['arcface']!.objectives[0]!.loss as { readonly ArcFaceLoss: { readonly scale: number } }
  expect((await scaleOf(245)).ArcFaceLoss.scale).toBeCloseTo(7.66, 2)
  expect((await scaleOf(2)).ArcFaceLoss.scale).toBeCloseTo(1.1, 2)
  expect(SIDES.arcface.describe(245)).toBe('ArcFaceLoss (margin 28.6°, scale 7.7)')
})

it('has a method for each side that is trained', async () => {
  expect(Object.keys(await methodsOf(20))).toEqual(['triplet', 'arcface'])
  expect(Object.keys(await methodsOf(20, '--loss', 'arcface'))).toEqual(['arcface'])
})

it('refuses batches that the data does not make possible', async () => {
  await expect(methodsOf(3, '--batch-size', '64')).rejects.toThrow('from 8 to 12 for 3 classes to train on, got 64. Pass --batch-size 12, or leave it out.')
})
