import { expectSameSamples, LabelError, type BatchSampler } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { MixedSampler, type MixedSamplerOptions } from './mixed-sampler.js'
import { MPerClassSampler } from './m-per-class-sampler.js'

const labelsOf = (classes: number, perClass: number) => Array.from({ length: classes * perClass }, (_, row) => row % classes)
const photos = () => new MPerClassSampler({ labels: labelsOf(6, 10), m: 2, batchSize: 8 }) // 7 batches
const drawings = () => new MPerClassSampler({ labels: labelsOf(4, 4), m: 2, batchSize: 4 }) // 4 batches
const made = (options: Partial<MixedSamplerOptions> = {}) => new MixedSampler({ samplers: [photos(), drawings()], ...options })
const isDrawing = (row: number) => row >= 60
const at = (batch: number, epoch = 1, seed = 3) => ({ seed, epoch, batch })

describe('MixedSampler', () => {
  it('has a share of each source in every batch', () => {
    const sampler = made()
    expect([sampler.batchSize, sampler.minBatchSize, sampler.batchesPerEpoch, sampler.sampleCount]).toEqual([12, 12, 7, 76])
    for (let batch = 0; batch < 7; batch++) {
      const rows = [...sampler.batch(at(batch))]
      expect(rows.map(isDrawing)).toEqual([...Array<boolean>(8).fill(false), ...Array<boolean>(4).fill(true)])
      expect(new Set(rows).size).toBe(12)
      expect(Math.max(...rows)).toBeLessThan(76)
    }
  })

  it('is refused for data sets in another order, as far as their sizes tell', () => {
    const sources = (counts: readonly number[]) => ({
      name: 'both',
      labels: new Int32Array(76),
      columns: { source: { labels: Int32Array.from(counts.flatMap((count, i) => Array<number>(count).fill(i))), classNames: ['photos', 'drawings'] } },
    })
    expect(() => expectSameSamples(made(), sources([60, 16]))).not.toThrow()
    const turned = () => expectSameSamples(new MixedSampler({ samplers: [drawings(), photos()] }), sources([60, 16]))
    expect(turned).toThrow(LabelError)
    expect(turned).toThrow('MixedSampler: wanted samplers for the 60 samples of photos, then the 16 samples of drawings, got samplers for 16, then 60.')
    // A column that does not say so.
    const shuffled = { ...sources([60, 16]), columns: { source: { labels: Int32Array.from({ length: 76 }, (_, row) => row % 2) } } }
    expect(() => expectSameSamples(made(), shuffled)).not.toThrow()
  })

  it('draws the source of a batch by its weight', () => {
    const sampler = made({ weights: [1, 3], batchesPerEpoch: 2000 })
    expect([sampler.batchSize, sampler.minBatchSize, made({ weights: [1, 3] }).batchesPerEpoch]).toEqual([8, 4, 11])
    const batches = Array.from({ length: 2000 }, (_, batch) => [...sampler.batch(at(batch))])
    for (const rows of batches) expect(new Set(rows.map(isDrawing)).size).toBe(1)
    const share = batches.filter(([row]) => isDrawing(row!)).length / 2000
    // Four standard deviations of 2000 draws.
    expect(Math.abs(share - 0.75)).toBeLessThan(4 * Math.sqrt((0.75 * 0.25) / 2000))
  })

  it.each([{}, { weights: [1, 1], batchesPerEpoch: 40 }])('gives any batch of any epoch at once: %j', (options) => {
    const sampler = made(options)
    const inOrder = [1, 2].flatMap((epoch) => Array.from({ length: sampler.batchesPerEpoch }, (_, batch) => String(sampler.batch(at(batch, epoch)))))
    const backwards = [2, 1].flatMap((epoch) => Array.from({ length: sampler.batchesPerEpoch }, (_, batch) => String(made(options).batch(at(sampler.batchesPerEpoch - 1 - batch, epoch)))))
    expect(backwards.reverse()).toEqual(inOrder)
    expect(String(sampler.batch(at(0, 1, 4)))).not.toBe(inOrder[0])
  })

  it('asks each source for its own batches in order, none twice, and alike sources for different ones', () => {
    const asked: string[] = []
    const source = (name: string, batchesPerEpoch: number): BatchSampler => ({
      name,
      batchSize: 1,
      batchesPerEpoch,
      sampleCount: 5,
      batch: ({ seed, epoch, batch }) => {
        asked.push(`${name} ${seed} ${epoch} ${batch}`)
        return Int32Array.of(0)
      },
    })
    for (const options of [{}, { weights: [2, 1], batchesPerEpoch: 8 }]) {
      asked.length = 0
      const sampler = new MixedSampler({ samplers: [source('a', 3), source('a', 8)], ...options })
      for (const epoch of [1, 2, 3]) for (let batch = 0; batch < 8; batch++) sampler.batch(at(batch, epoch))
      expect(new Set(asked).size).toBe(asked.length)
      expect(new Set(asked.map((one) => one.split(' ')[1])).size).toBe(2)
    }
    asked.length = 0
    const sampler = new MixedSampler({ samplers: [source('a', 3), source('b', 8)] })
    for (let batch = 0; batch < 8; batch++) sampler.batch(at(batch, 2))
    // Three epochs of a are one of the mix.
    expect(asked.filter((one) => one.startsWith('a')).map((one) => one.split(' ').slice(2).join())).toEqual(['4,0', '4,1', '4,2', '5,0', '5,1', '5,2', '6,0', '6,1'])
  })

  it('says what its batches follow from, and refuses another mix', () => {
    const state = made({ weights: [1, 3] }).state()
    made({ weights: [1, 3] }).restore(JSON.parse(JSON.stringify(state)) as typeof state)
    expect(() => made({ weights: [1, 2] }).restore(state)).toThrow('weights [1,2]')
    expect(() => made({ weights: [1, 3], samplers: [drawings(), photos()] }).restore(state)).toThrow('samplers[0].labels of 16 samples')
  })

  it.each<[Partial<MixedSamplerOptions>, string]>([
    [{ samplers: [] }, '`samplers` to be a list of two or more, got 0'],
    [{ samplers: [photos()] }, 'got 1'],
    [{ samplers: photos() as never }, 'got an object of type MPerClassSampler'],
    [{ samplers: [photos(), {} as never] }, '`samplers[1]` to be an object with `batch`'],
    [{ samplers: [photos(), { name: 'own', batchSize: 2, batchesPerEpoch: 1, batch: () => Int32Array.of(0, 1) }] }, 'own without `sampleCount`'],
    [{ samplers: [photos(), { name: 'own', batchSize: 2, batchesPerEpoch: 1, sampleCount: 2, prepare: () => Promise.resolve(), batch: () => Int32Array.of(0, 1) }] }, 'own, which has to prepare its epochs'],
    [{ weights: [1] }, '2 numbers, one a sampler, got 1'],
    [{ weights: [1, -1] }, '`weights[1]` to be a number above 0, got -1'],
    [{ weights: [1, NaN] }, 'got NaN'],
    [{ weights: [0, 2] }, '`weights[0]` to be a number above 0, got 0. With a weight of 0 no batch would ever be of its source'],
    [{ batchesPerEpoch: 0 }, '`batchesPerEpoch` to be an integer of at least 1'],
    [{ batchesPerEpoch: 2.5 }, '`batchesPerEpoch`'],
    [{ shares: 1 } as never, 'got `shares`'],
  ])('refuses %#', (options, message) => {
    expect(() => made(options)).toThrow(message)
  })

  it('refuses what is no position', () => {
    expect(() => made().batch(at(7))).toThrow('An epoch has 7 batches')
    expect(() => made().batch(at(0, 0))).toThrow('Epochs count from 1')
  })
})

it('draws by weights whose sum is beyond what numbers hold', () => {
  const of = (name: string) => ({ name, batchSize: 1, batchesPerEpoch: 4, sampleCount: 4, batch: ({ batch }: { readonly batch: number }) => Int32Array.of(batch) })
  const drawn = ([a, b]: readonly [number, number]) => {
    const mixed = new MixedSampler({ samplers: [of('a'), of('b')], weights: [a, b] })
    return Array.from({ length: 8 }, (_, batch) => [...mixed.batch({ seed: 1, epoch: 1, batch })])
  }
  expect(drawn([1e308, 1e308])).toEqual(drawn([1, 1]))
})
