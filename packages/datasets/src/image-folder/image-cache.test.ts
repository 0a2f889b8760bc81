import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataError } from '@metric-learning/contracts'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import type { ReadingProgress } from '../decoding/decode-all.js'
import { imageFolder, type ImageFolderOptions } from './image-folder.js'
import { tiff } from './tiff.fixture.js'

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

/** Two classes of one grey TIFF each, all of one size and age. */
async function greys(root: string, values: readonly [number, number]): Promise<void> {
  for (const [i, className] of ['a', 'b'].entries()) {
    const file = join(root, className, '0.tif')
    await mkdir(join(root, className), { recursive: true })
    await writeFile(file, tiff({ samples: Uint8Array.of(values[i]!) }))
    await utimes(file, 0, 0)
  }
}

/** Names in a cache folder, the keys left out. */
const kinds = async (cache: string) => (await readdir(cache)).map((name) => name.replace(/^[0-9a-f]{32}/, 'key')).sort()

/** Opens a folder; how many files were decoded for it. */
async function opened(options: Pick<ImageFolderOptions, 'root'> & Partial<ImageFolderOptions>) {
  let decoded = 0
  const dataset = await imageFolder({ imageSize: 4, onCorrupt: 'skip', onProgress: ({ step }) => (decoded += Number(step === 'decoding')), ...options })
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
      const parts = [dataset.ofClasses('b and c', [1, 2]), plain.ofClasses('b and c', [1, 2])] as const
      expect(await parts[0].load(Int32Array.of(2))).toEqual(await parts[1].load(Int32Array.of(2)))
      expect(parts[0].normalization.std[0]).toBeCloseTo(parts[1].normalization.std[0]!, 14)
    }
    expect(await kinds(cache)).toEqual(['key.files', 'key.pixels'])
    await expect(imageFolder({ root, cache, imageSize: 4 })).rejects.toThrow('got 1 that cannot: b/3.png')
  })

  it('decodes anew when contents or options change, and not for other times, names or places', async () => {
    const { root, cache } = await folder('changed')
    await opened({ root, cache })
    expect((await opened({ root, cache, channels: 1 })).decoded).toBe(10)
    await utimes(join(root, 'a', '0.png'), 1, 1)
    await rename(join(root, 'a', '1.png'), join(root, 'a', '1-again.png'))
    expect((await opened({ root, cache })).decoded).toBe(0)
    await cp(root, `${root}-copy`, { recursive: true })
    expect((await opened({ root: `${root}-copy`, cache })).decoded).toBe(0)
    await rm(join(root, 'a', '0.png'))
    expect((await opened({ root, cache })).decoded).toBe(9)
    expect((await opened({ root, cache })).decoded).toBe(0)
  })

  it('gives each folder its own pixels where names, sizes and times are equal', async () => {
    const [train, test, cache] = [join(base, 'equal/train'), join(base, 'equal/test'), join(base, 'equal/cache')]
    await greys(train, [10, 30])
    await greys(test, [200, 220])
    const values = async (root: string) => [...(await (await opened({ root, cache, imageSize: 1, channels: 1 })).dataset.load(Int32Array.of(0, 1))).values]
    expect([await values(train), await values(test), await values(train)]).toEqual([[10, 30], [200, 220], [10, 30]])
    await rename(train, `${train}-before`)
    await rename(test, train)
    expect(await values(train)).toEqual([200, 220])
  })

  it('notices other contents behind a name, size and time that are as they were', async () => {
    const [root, cache] = [join(base, 'replaced'), join(base, 'replaced-cache')]
    const value = async () => (await (await opened({ root, cache, imageSize: 1, channels: 1 })).dataset.load(Int32Array.of(0))).values[0]
    await greys(root, [10, 30])
    expect(await value()).toBe(10)
    const before = await stat(join(root, 'a', '0.tif'))
    await greys(root, [99, 30])
    const after = await stat(join(root, 'a', '0.tif'))
    expect([after.size, after.mtimeMs, after.ino]).toEqual([before.size, before.mtimeMs, before.ino])
    expect(await value()).toBe(99)
  })

  it('serves several loads at the same time', async () => {
    const { root, cache } = await folder('together')
    const plain = await (await opened({ root })).dataset.load(rows)
    const loads = await Promise.all(Array.from({ length: 4 }, () => opened({ root, cache })))
    for (const { dataset } of loads) expect(await dataset.load(rows)).toEqual(plain)
    expect(await kinds(cache)).toEqual(['key.files', 'key.pixels'])
  })

  it('refuses files that change while they are read, and leaves nothing half done', async () => {
    const [root, cache] = [join(base, 'changing'), join(base, 'changing-cache')]
    await greys(root, [10, 30])
    const more = Array.from({ length: 20 }, (_, i) => join(root, 'b', `1${i}.tif`))
    for (const file of more) await writeFile(file, tiff({ samples: Uint8Array.of(1) }))
    const onProgress = ({ step, done }: ReadingProgress) => {
      if (step === 'decoding' && done === 1) writeFileSync(more.at(-1)!, tiff({ samples: Uint8Array.of(2) }))
    }
    const loading = imageFolder({ root, cache, imageSize: 1, onProgress })
    await expect(loading).rejects.toThrow(/wanted files that stay as they are while they are read, got .*which changed meanwhile/)
    expect(await kinds(cache)).toEqual(['key.files'])
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
    const killed = `${'0'.repeat(32)}.pixels.0b1f4e0c-2b1a-4c7e-9d55-0f3c8d9f1a2b.unfinished`
    await writeFile(join(cache, killed), '')
    await opened({ root, cache, channels: 1 })
    expect(await kinds(cache)).toHaveLength(5)
    await age(31)
    await opened({ root, cache, channels: 1 })
    await opened({ root, cache, crop: 'none' })
    expect(await kinds(cache)).toEqual(['key.files', 'key.pixels', 'key.pixels', 'notes.txt'])
    expect((await opened({ root, cache, channels: 1 })).decoded).toBe(0)
    expect((await opened({ root, cache })).decoded).toBe(10)
  })

  it('rebuilds a cache that is damaged, and says so when it goes away under a dataset', async () => {
    const { root, cache } = await folder('damaged')
    const { dataset } = await opened({ root, cache })
    const expected = await dataset.load(rows)
    const path = join(cache, (await readdir(cache)).find((name) => name.endsWith('.pixels'))!)
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

  it('refuses pixels that were overwritten, and loads the images beside them', async () => {
    const { root, cache } = await folder('overwritten')
    const expected = await (await opened({ root, cache })).dataset.load(rows)
    const path = join(cache, (await readdir(cache)).find((name) => name.endsWith('.pixels'))!)
    const whole = await readFile(path)
    const size = 4 * 4 * 3
    const bytes = Uint8Array.from(whole)
    bytes[2 * size]! ^= 1
    await writeFile(path, bytes)
    const { dataset, decoded } = await opened({ root, cache })
    expect(decoded).toBe(0)
    await expect(dataset.load(rows)).rejects.toThrow(DataError)
    await expect(dataset.load(rows)).rejects.toThrow(/wanted the decoded images in .*\.pixels, as they were written, got other pixels of image 2: .* Delete the file/)
    const others = Int32Array.of(8, 3, 0)
    const { values } = await dataset.load(others)
    expect([...values.subarray(0, size)]).toEqual([...expected.values.subarray(0, size)])
    await rm(path)
    expect((await opened({ root, cache })).decoded).toBe(10)
    expect(await dataset.load(rows)).toEqual(expected)
  })

  it('refuses a cache that would be a class', async () => {
    const { root } = await folder('within')
    for (const cache of [root, join(root, 'decoded'), join(root, 'a')]) {
      await expect(imageFolder({ root, cache, imageSize: 4 })).rejects.toThrow('wanted `cache` to be outside of `root`')
    }
    expect((await opened({ root, cache: join(root, '.cache') })).dataset.classNames).toEqual(['a', 'b', 'c'])
  })

  it('says when the cache cannot be written, and passes on what is thrown while it is', async () => {
    const { root, cache } = await folder('unwritable')
    const file = join(base, 'a-file')
    await writeFile(file, '')
    await expect(imageFolder({ root, cache: file, imageSize: 4, onCorrupt: 'skip' })).rejects.toThrow(
      /wanted to write decoded images into .*a-file, got E(EXIST|NOTDIR).*\. Pass another `cache`, or none to keep images in memory\.$/,
    )
    const onProgress = ({ step }: ReadingProgress) => {
      if (step === 'decoding') throw new RangeError('of the caller')
    }
    await expect(imageFolder({ root, cache, imageSize: 4, onProgress })).rejects.toThrow(RangeError)
    expect(await kinds(cache)).toEqual(['key.files'])
  })
})
