import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { loadData, sampleShapeOf } from './data.js'
import { parseCommand } from './options.js'

const root = mkdtempSync(join(tmpdir(), 'quickstart-data-'))
afterAll(() => {
  rmSync(root, { recursive: true })
})

describe('sampleShapeOf', () => {
  it('knows, before they are read, the shape of drawings and of a folder’s images', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      mkdirSync(join(root, name))
      const picture = sharp({ create: { width: 9, height: 8, channels: 3, background: '#336699' } })
      for (const file of ['0.png', '1.png']) await picture.clone().png().toFile(join(root, name, file))
    }
    for (const argv of [[], ['--data', root, '--image-size', '20']]) {
      const { options } = parseCommand(argv)
      const { train, heldOut } = await loadData(options, () => undefined)
      expect([train.sampleShape, heldOut.sampleShape]).toEqual([sampleShapeOf(options), sampleShapeOf(options)])
    }
  })
})
