import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DataError, OptionError } from '@metric-learning/contracts'
import sharp, { type Sharp } from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { splitClasses } from '../split-classes.js'
import type { DecodingProgress } from './decode-all.js'
import { imageFolder } from './image-folder.js'

const base = await mkdtemp(join(tmpdir(), 'image-folder-'))
afterAll(() => rm(base, { recursive: true }))

/** A plain rectangle of one colour. */
const plain = (background: string, width = 8, height = 8) => sharp({ create: { width, height, channels: 4, background } })

/** Makes a folder of these files. */
async function folder(name: string, files: Record<string, Sharp | Uint8Array | string>): Promise<string> {
  const root = join(base, name)
  await mkdir(root, { recursive: true })
  for (const [file, content] of Object.entries(files)) {
    await mkdir(join(root, dirname(file)), { recursive: true })
    if (typeof content === 'string' || content instanceof Uint8Array) await writeFile(join(root, file), content)
    else await content.toFile(join(root, file))
  }
  return root
}

const pixelsOf = async (root: string, row: number, options = {}) => {
  const { values } = await (await imageFolder({ root, imageSize: 1, ...options })).load(Int32Array.of(row))
  return [...values]
}

describe('imageFolder', () => {
  it('takes a folder for a class, sorted by code unit, and any format', async () => {
    const root = await folder('formats', {
      'ant/b.webp': plain('#0000ff').webp({ lossless: true }),
      'ant/a.png': plain('#ff0000').png(),
      'ant/B.tiff': plain('#00ff00').removeAlpha().tiff({ compression: 'lzw' }),
      'Zebra/no-suffix': await plain('#102030').png().toBuffer(),
      'Zebra/.hidden': 'not looked at',
      'Zebra/Thumbs.db': 'not looked at',
    })
    const set = await imageFolder({ root, imageSize: 2 })
    expect(set.classNames).toEqual(['Zebra', 'ant'])
    expect(set.files).toEqual(['Zebra/no-suffix', 'ant/B.tiff', 'ant/a.png', 'ant/b.webp'])
    expect([...set.labels]).toEqual([0, 1, 1, 1])
    expect(set.skipped).toEqual([])
    const { values, shape } = await set.load(Int32Array.of(0, 1))
    expect(shape).toEqual([2, 2, 2, 3])
    expect([...values.slice(0, 3), ...values.slice(12, 15)]).toEqual([0x10, 0x20, 0x30, 0, 255, 0])
  })

  it('brings grey, transparent, 16-bit and CMYK images to the same channels', async () => {
    const root = await folder('colours', {
      'a/1-grey.png': plain('#808080').greyscale().removeAlpha().png(),
      'a/2-clear.png': plain('rgba(0, 0, 0, 0)').png(),
      'b/1-deep.png': plain('#ff0000').toColourspace('rgb16').png(),
      'b/2-print.jpg': plain('#ffffff').removeAlpha().toColourspace('cmyk').jpeg({ quality: 100 }),
    })
    expect(await pixelsOf(root, 0)).toEqual([128, 128, 128])
    expect(await pixelsOf(root, 1)).toEqual([255, 255, 255])
    expect(await pixelsOf(root, 2)).toEqual([255, 0, 0])
    expect(Math.min(...(await pixelsOf(root, 3)))).toBeGreaterThan(250)
    expect(await pixelsOf(root, 0, { channels: 1 })).toEqual([128])
    expect(await pixelsOf(root, 1, { channels: 1 })).toEqual([255])
  })

  it('crops the centre, or squeezes the whole picture, and turns it upright', async () => {
    // Three squares side by side: red, green, blue.
    const squares = await plain('#00ff00', 24)
      .composite([
        { input: await plain('#ff0000').png().toBuffer(), left: 0, top: 0 },
        { input: await plain('#0000ff').png().toBuffer(), left: 16, top: 0 },
      ])
      .png()
      .toBuffer()
    const root = await folder('crop', {
      'a/1.png': squares,
      'b/1.jpg': sharp(squares).removeAlpha().withMetadata({ orientation: 6 }).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }),
    })
    const [red, green, blue] = await pixelsOf(root, 0, { imageSize: 1 })
    expect([red! < 30, green! > 220, blue! < 30]).toEqual([true, true, true])
    const squeezed = await pixelsOf(root, 0, { imageSize: 3, crop: 'none' })
    expect([squeezed[0]! > 200, squeezed[4]! > 200, squeezed[8]! > 200]).toEqual([true, true, true])
    // Turned by 90° clockwise, red is on top.
    const upright = await pixelsOf(root, 1, { imageSize: 3, crop: 'none' })
    expect([upright[0]! > 200, upright[3]! > 200, upright[6]! > 200, upright[2]! < 60]).toEqual([true, true, true, true])
  })

  it('reports progress, and normalises by all samples', async () => {
    const root = await folder('progress', { 'a/1.png': plain('#000000').png(), 'b/1.png': plain('#ffffff').png() })
    const seen: DecodingProgress[] = []
    const set = await imageFolder({ root, imageSize: 2, channels: 1, onProgress: (progress) => seen.push(progress) })
    expect(seen).toEqual([{ done: 1, total: 2 }, { done: 2, total: 2 }])
    expect(set.normalization).toEqual({ mean: [0.5], std: [0.5] })
    expect(splitClasses(set, { trainClasses: 1 }).test.normalization).toEqual({ mean: [0], std: [1] })
  })
})

describe('imageFolder with bad files', () => {
  const good = () => plain('#336699', 64, 64).jpeg()

  it('names the files that cannot be decoded, or leaves them out and lists them', async () => {
    const jpeg = await good().toBuffer()
    const root = await folder('corrupt', {
      'a/1.jpg': good(),
      'a/2-cut.jpg': jpeg.subarray(0, jpeg.length / 2),
      'b/1-text.png': 'this is no image',
      'b/2.jpg': good(),
      'b/deeper/3.jpg': good(),
      'loose.jpg': good(),
    })
    const loading = imageFolder({ root, imageSize: 4 })
    await expect(loading).rejects.toThrow(DataError)
    await expect(loading).rejects.toThrow(/got 2 that cannot: a\/2-cut\.jpg \(.+\), b\/1-text\.png \(.*unsupported image format\)/)
    const set = await imageFolder({ root, imageSize: 4, onCorrupt: 'skip' })
    expect(set.files).toEqual(['a/1.jpg', 'b/2.jpg'])
    expect([...set.labels]).toEqual([0, 1])
    expect(set.skipped.map(({ file }) => file)).toEqual(['loose.jpg', 'b/deeper', 'a/2-cut.jpg', 'b/1-text.png'])
    expect(set.skipped.every(({ reason }) => reason.length > 5)).toBe(true)
    expect((await set.load(Int32Array.of(1))).values[0]).toBeCloseTo(0x33, -1)
  })

  it.each([
    ['a missing folder', {}, 'nothing there'],
    ['an empty folder', { '.keep': '' }, 'an empty folder'],
    ['images without class folders', { 'x.txt': '' }, '1 files outside any'],
    ['a folder with one class', { 'cat/1.txt': '' }, 'only "cat"'],
    ['a class without images', { 'cat/1.txt': '', 'dog/.keep': '' }, 'none that can be read in "dog"'],
  ])('rejects %s', async (name, files, got) => {
    const root = Object.keys(files).length ? await folder(name, files) : join(base, 'missing')
    const loading = imageFolder({ root, imageSize: 4 })
    await expect(loading).rejects.toThrow(DataError)
    await expect(loading).rejects.toThrow(`got ${got}. `)
  })

  it('rejects a class of which nothing is left, and a root that is a file', async () => {
    const root = await folder('left', { 'a/1.jpg': good(), 'b/1.jpg': 'no' })
    await expect(imageFolder({ root, imageSize: 4, onCorrupt: 'skip' })).rejects.toThrow('none that can be read in "b"')
    await expect(imageFolder({ root: join(root, 'b/1.jpg'), imageSize: 4 })).rejects.toThrow('got a file. ')
  })

  it('rejects options out of range', async () => {
    await expect(imageFolder({ root: base, imageSize: 0 })).rejects.toThrow(OptionError)
    await expect(imageFolder({ root: base, imageSize: 8, channels: 2 as 3 })).rejects.toThrow(
      'imageFolder: wanted `channels` 1 or 3, got 2. Pass one of them.',
    )
  })
})
