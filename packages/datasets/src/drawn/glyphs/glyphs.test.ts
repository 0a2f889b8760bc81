import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OptionError } from '@metric-learning/contracts'
import { describeDataset } from '@metric-learning/plugin-testkit'
import { afterAll, describe, expect, it } from 'vitest'
import type { DrawingProgress } from '../drawn-set.js'
import { smallPackage } from '../small-package.fixture.js'
import { GLYPH_CLASSES } from './glyph-classes.js'
import { GLYPH_FONTS } from './glyph-fonts.js'
import { glyphs, glyphsOf } from './glyphs.js'
import { smallFont } from './small-font.fixture.js'

const base = await mkdtemp(join(tmpdir(), 'glyphs-'))
afterAll(() => rm(base, { recursive: true }))
const CHARACTERS = ['a', 'b', 'c', 'd']

async function font(family: string, characters: readonly string[]) {
  return { family, file: 'face.ttf', source: await smallPackage(base, family, { 'face.ttf': smallFont(characters) }) }
}

describe('glyphs', { timeout: 120_000 }, async () => {
  const fonts = [await font('one', CHARACTERS), await font('two', [...CHARACTERS].reverse())]

  for (const split of ['train', 'test'] as const) {
    describeDataset(`glyphs, ${split}`, { create: () => glyphsOf(fonts, CHARACTERS, 2, { split, cache: join(base, 'cache'), imageSize: 16 }), mistakes: { 'an unknown split': () => glyphs({ split: 'val' as 'train' }) } })
  }

  it('draws each character of each font in the middle of its image, an em of seven eighths', async () => {
    const train = await glyphsOf(fonts, CHARACTERS, 2, { split: 'train', cache: join(base, 'cache'), imageSize: 16 })
    expect(train.classNames).toEqual(['a', 'b'])
    expect([...train.labels]).toEqual([0, 0, 1, 1])
    expect([...(train.columns!['family'] as { labels: Int32Array }).labels]).toEqual([0, 1, 0, 1])
    const { values, shape } = await train.load(Int32Array.of(0, 1, 2, 3))
    expect(shape).toEqual([4, 16, 16, 1])
    // A box of 14 by 14 · height pixels: heights are 0.1 and 0.4 for a, 0.2 and 0.3 for b.
    const inked = [0.1, 0.4, 0.2, 0.3].map((height) => 14 * 14 * height)
    for (const [i, wanted] of inked.entries()) {
      const image = (values as Uint8Array).subarray(i * 256, (i + 1) * 256)
      expect(image.reduce((sum, value) => sum + value / 255, 0)).toBeCloseTo(wanted, 0)
      const rows = Array.from({ length: 16 }, (_, y) => image.subarray(y * 16, (y + 1) * 16))
      expect(rows.map((row) => row[8]!)).toEqual(rows.map((row) => row[8]!).reverse())
      expect([rows[8]![0], rows[8]![1]! > 150, rows[8]![14]! > 150, rows[8]![15]]).toEqual([0, true, true, 0])
    }
  })

  it('draws once, for both splits, which have no class in common and one normalisation', async () => {
    const options = { cache: join(base, 'cache'), imageSize: 16 }
    const progress: DrawingProgress[] = []
    const test = await glyphsOf(fonts, CHARACTERS, 2, { ...options, split: 'test', onProgress: (at) => progress.push(at) })
    expect(progress).toEqual([])
    expect([test.classNames, [...test.labels]]).toEqual([['c', 'd'], [0, 0, 1, 1]])
    const train = await glyphsOf(fonts, CHARACTERS, 2, { ...options, split: 'train' })
    expect(test.normalization).toEqual(train.normalization)
    await glyphsOf(fonts, CHARACTERS, 2, { ...options, split: 'test', imageSize: 17, onProgress: (at) => progress.push(at) })
    expect(progress).toEqual(Array.from({ length: 8 }, (_, i) => ({ step: 'drawing', done: i + 1, total: 8 })))
  })

  it('never lets another font stand in', async () => {
    const lacking = await font('lacking', ['a', 'b', 'c'])
    const drawing = glyphsOf([fonts[0]!, lacking], CHARACTERS, 2, { split: 'train', cache: join(base, 'lacking-cache') })
    await expect(drawing).rejects.toThrow(/glyphs: wanted d in .*lacking@1\.0\.0.*face\.ttf, got a font without it/)
  })

  it('has 1,000 characters by code point, each once, and 28 fonts', () => {
    const codes = GLYPH_CLASSES.map((character) => character.codePointAt(0)!)
    expect(codes).toEqual([...new Set(codes)].sort((a, b) => a - b))
    expect([codes.length, codes.filter((code) => code < 0x3100).length, new Set(GLYPH_FONTS.map(({ family }) => family)).size]).toEqual([1000, 73, 28])
  })

  it('rejects options that it does not have', async () => {
    await expect(glyphs({ split: 'val' as 'train' })).rejects.toThrow(OptionError)
    await expect(glyphs({ split: 'test', size: 28 } as { split: 'test' })).rejects.toThrow('got `size`')
    await expect(glyphs({ split: 'test', imageSize: NaN })).rejects.toThrow(OptionError)
  })
})
