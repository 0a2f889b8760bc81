import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataError, OptionError } from '@metric-learning/contracts'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { imageFolder } from '../image-folder/image-folder.js'
import { decodeSample } from './decode-sample.js'

/** A colour gradient of 30×20 pixels. */
const gradient = () =>
  sharp(Uint8Array.from({ length: 30 * 20 * 3 }, (_, i) => (i * 7) % 256), { raw: { width: 30, height: 20, channels: 3 } })

describe('decodeSample', () => {
  it.each([{ imageSize: 8 }, { imageSize: 8, channels: 1 }, { imageSize: 12, crop: 'none' }] as const)('gives the pixels that imageFolder gives: %o', async (options) => {
    const root = await mkdtemp(join(tmpdir(), 'sample-'))
    onTestFinished(() => rm(root, { recursive: true }))
    const file = await gradient().jpeg().toBuffer()
    for (const name of ['one', 'other']) {
      await mkdir(join(root, name))
      await writeFile(join(root, name, 'gradient.jpg'), file)
    }
    const wanted = await (await imageFolder({ root, ...options })).load(Int32Array.of(0))
    const { values, shape } = await decodeSample(file, options)
    expect([shape, [...values]]).toEqual([wanted.shape, [...wanted.values]])
  })

  it('decodes good files beside broken ones, and says of those what is wrong', async () => {
    const file = await gradient().png().toBuffer()
    const broken = file.subarray(0, 300)
    const answers = await Promise.allSettled(Array.from({ length: 24 }, (_, i) => decodeSample(i % 3 === 0 ? broken : file, { imageSize: 8 })))
    expect(answers.map(({ status }) => status)).toEqual(answers.map((_, i) => (i % 3 === 0 ? 'rejected' : 'fulfilled')))
    await expect(decodeSample(broken, { imageSize: 8 })).rejects.toThrow(DataError)
    await expect(decodeSample(broken, { imageSize: 8 })).rejects.toThrow(/^decodeSample: wanted the bytes of a whole image file, got 300 bytes: .+png/i)
    await expect(decodeSample(Buffer.from('text'), { imageSize: 8 })).rejects.toThrow('got 4 bytes: ')
    await expect(decodeSample(new Uint8Array(), { imageSize: 8 })).rejects.toThrow('got none')
  })

  it('refuses options that it does not have', async () => {
    await expect(decodeSample(new Uint8Array(), { imageSize: 0 })).rejects.toThrow(OptionError)
    await expect(decodeSample(new Uint8Array(), { imageSize: 8, channels: 2 as never })).rejects.toThrow(OptionError)
    await expect(decodeSample(new Uint8Array(), { imageSize: 8, size: 2 } as never)).rejects.toThrow('got `size`')
  })
})
