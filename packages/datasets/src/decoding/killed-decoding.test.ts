import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rename, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Random } from '@metric-learning/contracts'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { imageFolder } from '../image-folder/image-folder.js'

const base = await mkdtemp(join(tmpdir(), 'killed-decoding-'))
afterAll(() => rm(base, { recursive: true }))
const root = join(base, 'images')
const FILES = 400

/** Two classes of noise. */
async function writeImages(): Promise<void> {
  const random = new Random(1)
  for (const className of ['a', 'b']) await mkdir(join(root, className), { recursive: true })
  const noise = Uint8Array.from({ length: 200 * 200 * 3 + FILES }, () => random.int(256))
  for (let i = 0; i < FILES; i++) {
    await sharp(noise.subarray(i, i + 200 * 200 * 3), { raw: { width: 200, height: 200, channels: 3 } }).jpeg().toFile(join(root, i % 2 ? 'a' : 'b', `${i}.jpg`))
  }
}

/** Starts a process that decodes, and kills it once it has said that `images` are. */
async function killedAfter(images: number, cache: string): Promise<void> {
  const program = fileURLToPath(new URL('killed-decoding.fixture.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions', '@metric-learning/source', program, root, cache], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  for await (const line of createInterface(child.stdout)) {
    if (Number(line) >= images) child.kill('SIGKILL')
  }
  const [, signal] = (await ended) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
}

describe('a cache whose writer was killed', { timeout: 180_000 }, async () => {
  await writeImages()

  it('is gone on with: only what is left is decoded, to the same pixels', async () => {
    const cache = join(base, 'cache')
    await killedAfter(100, cache)
    await killedAfter(200, cache)
    expect((await readdir(cache)).filter((name) => name.endsWith('.unfinished'))).toHaveLength(1)
    const decoded: number[] = []
    const dataset = await imageFolder({ root, cache, imageSize: 64, onProgress: ({ step, done }) => void (step === 'decoding' && decoded.push(done)) })
    expect(decoded.length).toBeGreaterThan(0)
    expect(decoded.length).toBeLessThanOrEqual(FILES - 200)
    expect(decoded.at(-1)).toBe(FILES)
    const rows = Int32Array.from({ length: FILES }, (_, i) => i)
    const plain = await imageFolder({ root, imageSize: 64 })
    expect(Buffer.compare((await dataset.load(rows)).values as Uint8Array, (await plain.load(rows)).values as Uint8Array)).toBe(0)
    expect(dataset.normalization.mean[0]).toBeCloseTo(plain.normalization.mean[0]!, 13)
    expect((await readdir(cache)).filter((name) => name.endsWith('.unfinished'))).toEqual([])
  })

  it('is left to a writer that may live, and taken from one that was silent for long', async () => {
    const cache = join(base, 'elsewhere')
    await killedAfter(100, cache)
    const [left] = (await readdir(cache)).filter((name) => name.endsWith('.unfinished'))
    const [key, kind, , ...rest] = left!.split(/[.-]/)
    expect(kind).toBe('pixels')
    const foreign = join(cache, `${key}.pixels.00000000-${rest.slice(0, -1).join('-')}.unfinished`)
    await rename(join(cache, left!), foreign)
    const count = async () => {
      let decoded = 0
      await imageFolder({ root, cache, imageSize: 64, onProgress: ({ step }) => void (decoded += Number(step === 'decoding')) })
      return decoded
    }
    expect(await count()).toBe(FILES)
    for (const name of await readdir(cache)) if (name.endsWith('.pixels')) await rm(join(cache, name))
    const before = Date.now() / 1000 - 11 * 60
    await utimes(foreign, before, before)
    expect(await count()).toBeLessThanOrEqual(FILES - 100)
  })
})
