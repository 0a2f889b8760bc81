import { mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataError } from '@metric-learning/contracts'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { splitClasses } from '../split-classes.js'
import { imageFolder, type ImageFolderOptions } from './image-folder.js'

const base = await mkdtemp(join(tmpdir(), 'image-cache-'))
afterAll(() => rm(base, { recursive: true }))

/** Three classes of three images, each of one colour of its own; the last file of class b is no image. */
async function folder(name: string): Promise<{ root: string; cache: string }> {
  const root = join(base, name)
  for (const [label, className] of ['a', 'b', 'c'].entries()) {
    await mkdir(join(root, className), { recursive: true })
    for (let i = 0; i < 3; i++) {
      const background = { r: 40 * label, g: 60 * i, b: 20 * (label + i) }
      await sharp({ create: { width: 6, height: 6, channels: 3, background } }).png().toFile(join(root, className, `${i}.png`))
    }
  }
  await writeFile(join(root, 'b', '3.png'), 'no image')
  return { root, cache: join(base, `${name}-cache`) }
}

/** Opens a folder; how many files were decoded for it. */
async function opened(options: Pick<ImageFolderOptions, 'root'> & Partial<ImageFolderOptions>) {
  let decoded = 0
  const dataset = await imageFolder({ imageSize: 4, onCorrupt: 'skip', onProgress: () => (decoded += 1), ...options })
  return { dataset, decoded }
}

const rows = Int32Array.of(8, 2, 3, 4, 0, 0, 7)

describe('imageFolder with a cache', () => {
  it('gives the same dataset as without, and decodes once', async () => {
    const { root, cache } = await folder('same')
    const plain = (await opened({ root })).dataset
    for (const expected of [10, 0]) {
      const { dataset, decoded } = await opened({ root, cache })
      expect(decoded).toBe(expected)
      expect(dataset.files).toEqual(plain.files)
      expect(dataset.skipped).toEqual(plain.skipped)
      expect([...dataset.labels]).toEqual([...plain.labels])
      expect(await dataset.load(rows)).toEqual(await plain.load(rows))
      expect(dataset.normalization.mean[1]).toBeCloseTo(plain.normalization.mean[1]!, 14)
      const halves = [splitClasses(dataset, { trainClasses: 2 }), splitClasses(plain, { trainClasses: 2 })]
      expect(await halves[0]!.test.load(Int32Array.of(2))).toEqual(await halves[1]!.test.load(Int32Array.of(2)))
      expect(halves[0]!.train.normalization.std[0]).toBeCloseTo(halves[1]!.train.normalization.std[0]!, 14)
    }
    expect((await readdir(cache)).map((name) => name.replace(/^[0-9a-f]{32}/, 'key'))).toEqual(['key.pixels'])
    await expect(imageFolder({ root, cache, imageSize: 4 })).rejects.toThrow('got 1 that cannot: b/3.png')
  })

  it('decodes anew when files, their times or options change', async () => {
    const { root, cache } = await folder('changed')
    await opened({ root, cache })
    expect((await opened({ root, cache, channels: 1 })).decoded).toBe(10)
    await utimes(join(root, 'a', '0.png'), 1, 1)
    expect((await opened({ root, cache })).decoded).toBe(10)
    await rm(join(root, 'a', '0.png'))
    expect((await opened({ root, cache })).decoded).toBe(9)
    expect((await opened({ root, cache })).decoded).toBe(0)
  })

  it('deletes what nobody opened for 30 days when it writes another, and nothing else', async () => {
    const { root, cache } = await folder('stale')
    const age = async (days: number) => {
      const then = Date.now() / 1000 - days * 24 * 60 * 60
      for (const name of await readdir(cache)) await utimes(join(cache, name), then, then)
    }
    await opened({ root, cache })
    await writeFile(join(cache, 'notes.txt'), 'mine')
    await age(29)
    await opened({ root, cache, channels: 1 })
    expect(await readdir(cache)).toHaveLength(3)
    await age(31)
    await opened({ root, cache, channels: 1 })
    await opened({ root, cache, crop: 'none' })
    expect(await readdir(cache)).toHaveLength(3)
    expect((await opened({ root, cache, channels: 1 })).decoded).toBe(0)
    expect((await opened({ root, cache })).decoded).toBe(10)
  })

  it('rebuilds a cache that is damaged, and says so when it goes away under a dataset', async () => {
    const { root, cache } = await folder('damaged')
    const { dataset } = await opened({ root, cache })
    const expected = await dataset.load(rows)
    const path = join(cache, (await readdir(cache))[0]!)
    const whole = await readFile(path)
    await truncate(path, whole.length - 1)
    expect((await opened({ root, cache })).decoded).toBe(10)
    const flipped = Uint8Array.from(whole)
    flipped[10 * 48 + 5]! ^= 1
    await writeFile(path, flipped)
    expect((await opened({ root, cache })).decoded).toBe(10)
    expect(await dataset.load(rows)).toEqual(expected)
    await truncate(path, 48)
    await expect(dataset.load(rows)).rejects.toThrow('got it ends too early')
    await rm(path)
    await expect(dataset.load(rows)).rejects.toThrow(DataError)
  })

  it('says when the cache cannot be written, and leaves nothing half done', async () => {
    const { root } = await folder('unwritable')
    const file = join(base, 'a-file')
    await writeFile(file, '')
    await expect(imageFolder({ root, cache: file, imageSize: 4 })).rejects.toThrow(/wanted to write decoded images into .*a-file/)
  })
})
