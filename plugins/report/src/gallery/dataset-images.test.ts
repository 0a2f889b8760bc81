import { DataError, type Dataset } from '@metric-learning/core'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { datasetImages } from './dataset-images.js'

const images = (channels: number): Dataset => ({
  name: 'images',
  labels: Int32Array.of(0, 0),
  classNames: ['a'],
  sampleShape: [2, 3, channels],
  load: async (rows) => ({
    values: new Uint8Array(6 * channels).fill(40 * (rows[0]! + 1)),
    shape: [1, 2, 3, channels],
  }),
})

describe('datasetImages', () => {
  it.each([1, 3, 4])('encodes samples of %i channels as they are', async (channels) => {
    const png = await datasetImages(images(channels))(1)
    const { data, info } = await sharp(png)
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect([info.width, info.height]).toEqual([3, 2])
    expect(data[0]).toBe(80)
  })

  it('refuses samples that are no pictures', async () => {
    await expect(datasetImages(images(2))(0)).rejects.toThrow(DataError)
    const vectors: Dataset = {
      ...images(1),
      sampleShape: [6],
      load: async () => ({ values: new Float32Array(6), shape: [1, 6] }),
    }
    await expect(datasetImages(vectors)(0)).rejects.toThrow(/\[6\] that are not bytes/)
  })
})
