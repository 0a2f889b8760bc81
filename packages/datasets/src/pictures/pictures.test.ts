import { DataError, OptionError, type Dataset } from '@metric-learning/contracts'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { ImageDataset } from '../images/image-dataset.js'
import { samplePng } from './sample-png.js'
import { spritePng } from './sprite-png.js'

/** Five images of 1×2: dark on the left, light on the right, lighter from row to row. */
const dataset = new ImageDataset({
  name: 'five',
  pixels: Uint8Array.from({ length: 10 }, (_, i) => (i % 2 ? 200 : 0) + Math.floor(i / 2) * 10),
  sampleShape: [1, 2, 1],
  labels: Int32Array.of(0, 0, 1, 1, 1),
  classNames: ['a', 'b'],
})

const numbers: Dataset = {
  name: 'numbers',
  labels: Int32Array.of(0),
  classNames: ['a'],
  sampleShape: [3],
  load: () => Promise.resolve({ values: new Float32Array(3), shape: [1, 3] }),
}

async function decoded(png: Uint8Array) {
  const { data, info } = await sharp(png).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true })
  expect((await sharp(png).metadata()).format).toBe('png')
  return { width: info.width, height: info.height, pixels: [...data] }
}

describe('samplePng', () => {
  it('has the pixels of the sample', async () => {
    expect(await decoded(await samplePng(dataset, 3))).toEqual({ width: 2, height: 1, pixels: [30, 230] })
  })

  it('enlarges without smoothing, and inverts', async () => {
    const { width, height, pixels } = await decoded(await samplePng(dataset, 0, { side: 4, inverted: true }))
    expect({ width, height }).toEqual({ width: 4, height: 2 })
    expect(pixels).toEqual([255, 255, 55, 55, 255, 255, 55, 55])
  })

  it('rejects what is no image, no row or no option', async () => {
    await expect(samplePng(numbers, 0)).rejects.toThrow(DataError)
    await expect(samplePng(numbers, 0)).rejects.toThrow('got numbers of [3]')
    await expect(samplePng(dataset, 5)).rejects.toThrow(DataError)
    await expect(samplePng(dataset, 0, { side: 0 })).rejects.toThrow(OptionError)
  })
})

describe('spritePng', () => {
  it('lays tiles out row by row, as many across as down, the rest black', async () => {
    const { width, height, pixels } = await decoded(await spritePng(dataset, Int32Array.of(4, 3, 2, 1, 0), 2))
    expect({ width, height }).toEqual({ width: 6, height: 6 })
    // Each tile has a line of the sample and a line of padding.
    const lines = Array.from({ length: 6 }, (_, line) => pixels.slice(line * 6, (line + 1) * 6))
    const drawn = lines.filter((line) => Math.max(...line) > 0)
    expect(drawn).toEqual([[40, 240, 30, 230, 20, 220], [10, 210, 0, 200, 0, 0]])
  })

  it('rejects no rows, and a sheet that the projector cannot show', async () => {
    await expect(spritePng(dataset, new Int32Array(), 8)).rejects.toThrow(OptionError)
    await expect(spritePng(dataset, new Int32Array(5), 3000)).rejects.toThrow('got 5 rows with tiles of 3000 pixels: 9000 pixels a side')
  })
})
