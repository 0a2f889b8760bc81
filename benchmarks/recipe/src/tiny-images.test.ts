import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tinyImageNet } from '@metric-learning/datasets'
import { expect, it, onTestFinished } from 'vitest'
import { writeTinyImages } from './tiny-images.js'

it('are read as TinyImageNet is, at its size', async () => {
  const root = mkdtempSync(join(tmpdir(), 'tiny-images-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  await writeTinyImages(root)
  const { train, val } = await tinyImageNet({ root, imageSize: 64, partial: true })
  expect([train.labels.length, train.classNames.length, val.labels.length, train.sampleShape]).toEqual([640, 20, 20, [64, 64, 3]])
  const { values } = await train.load(Int32Array.of(0))
  // Noise: neither empty nor one colour, so that decoding takes what it takes of photographs.
  expect(new Set(values).size).toBeGreaterThan(100)
})
