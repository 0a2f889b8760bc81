import { DataError, LabelError, sharesLabel } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { ImageDataset, type ImageDatasetOptions } from './image-dataset.js'
import { pixelStatistics } from '../pixels/pixel-statistics.js'

const options = {
  name: 'two',
  pixels: Uint8Array.of(0, 255, 51, 255, 102, 255, 153, 255),
  sampleShape: [2, 1, 2] as [number, number, number],
  labels: Int32Array.of(0, 1),
  classNames: ['a', 'b'],
} satisfies ImageDatasetOptions

describe('ImageDataset', () => {
  it('loads rows in the order asked for, repeats too', async () => {
    const { values, shape } = await new ImageDataset(options).load(Int32Array.of(1, 0, 1))
    expect(shape).toEqual([3, 2, 1, 2])
    expect([...values]).toEqual([102, 255, 153, 255, 0, 255, 51, 255, 102, 255, 153, 255])
  })

  it('has label columns of each sample, with samples of some classes too', () => {
    const columns = { colour: { labels: Int32Array.of(7, 9), classNames: ['red'] }, tags: { labelRows: [[1, 0], [1, 1]], labelComparison: sharesLabel } }
    const dataset = new ImageDataset(options).withColumns(columns)
    expect(dataset.columns).toEqual(columns)
    expect([dataset.name, dataset.labels, dataset.normalization]).toEqual(['two', options.labels, new ImageDataset(options).normalization])
    const second = { colour: { labels: Int32Array.of(9), classNames: ['red'] }, tags: { labelRows: [[1, 1]], labelComparison: sharesLabel } }
    expect(dataset.ofClasses('second', [1]).columns).toEqual(second)
    expect(new ImageDataset(options).ofClasses('second', [1]).columns).toBeUndefined()
    expect(() => dataset.withColumns({ colour: { labels: Int32Array.of(1) } })).toThrow(LabelError)
  })

  it('is normalised by channel', () => {
    const { mean, std } = new ImageDataset(options).normalization
    // Channel 0 is 0, 0.2, 0.4 and 0.6; channel 1 has no spread.
    expect(mean[0]).toBeCloseTo(0.3, 12)
    expect(std[0]).toBeCloseTo(Math.sqrt(0.05), 12)
    expect([mean[1], std[1]]).toEqual([1, 1])
  })

  it('rejects rows, pixels and labels that are not there', async () => {
    await expect(new ImageDataset(options).load(Int32Array.of(0, 2))).rejects.toThrow('two: wanted rows from 0 to 1, got 2.')
    expect(() => new ImageDataset({ ...options, sampleShape: [2, 2, 2] })).toThrow(DataError)
    expect(() => new ImageDataset({ ...options, labels: Int32Array.of(0, 1, 1) })).toThrow(DataError)
    expect(() => new ImageDataset({ ...options, labels: Int32Array.of(0, 2) })).toThrow(LabelError)
    expect(() => new ImageDataset({ ...options, images: Int32Array.of(0) })).toThrow('got 2 labels')
    expect(() => new ImageDataset({ ...options, labels: ['a', 'b'] as unknown as Int32Array })).toThrow('integers of 32 bits, got "a" at position 0')
    expect(() => new ImageDataset({ ...options, columns: { colour: { labels: Int32Array.of(0) } } })).toThrow('`colour` for each of 2 samples, got 1')
  })
})

describe('pixelStatistics', () => {
  it('looks at the given rows only', () => {
    const { pixels, sampleShape } = options
    expect(pixelStatistics({ pixels, sampleShape, rows: Int32Array.of(1) }).mean[0]).toBeCloseTo(0.5, 12)
  })

  it('is normalised otherwise where that is asked for, with the same pixels and columns', async () => {
    const plain = new ImageDataset({ name: 'two', pixels: Uint8Array.of(1, 2), sampleShape: [1, 1, 1], labels: Int32Array.of(0, 1), classNames: ['a', 'b'], columns: { kind: { labels: Int32Array.of(1, 0) } } })
    const other = plain.withNormalization({ mean: [0.5], std: [0.25] })
    expect(other.normalization).toEqual({ mean: [0.5], std: [0.25] })
    expect(other.columns).toEqual(plain.columns)
    expect(await other.load(Int32Array.of(1, 0))).toEqual(await plain.load(Int32Array.of(1, 0)))
    for (const wrong of [{ mean: [0.5, 0.5], std: [1] }, { mean: [0], std: [0] }, { mean: [NaN], std: [1] }]) {
      expect(() => plain.withNormalization(wrong)).toThrow('wanted a mean and a deviation above 0 for each of 1 channels')
    }
  })
})
