import { DataError, OptionError, Random, type Dataset } from '@metric-learning/contracts'
import { afterAll, describe, expect, it } from 'vitest'
import { ImageDataset } from '../images/image-dataset.js'
import { augmented, type AugmentedDataset, type AugmentedOptions } from './augmented.js'

const HEIGHT = 3
const WIDTH = 4
const CHANNELS = 2

/** Three images; every byte has a value of its own, none of them 0. */
const plain = new ImageDataset({
  name: 'numbered',
  pixels: Uint8Array.from({ length: 3 * HEIGHT * WIDTH * CHANNELS }, (_, i) => i + 1),
  sampleShape: [HEIGHT, WIDTH, CHANNELS],
  labels: Int32Array.of(0, 0, 1),
  classNames: ['a', 'b'],
})
const rows = Int32Array.of(2, 0, 1, 1)

const opened: AugmentedDataset[] = []
afterAll(() => Promise.all(opened.map((dataset) => dataset.dispose())))

function make(options: AugmentedOptions, dataset: Dataset = plain): AugmentedDataset {
  const made = augmented(dataset, options)
  opened.push(made)
  return made
}

/** The same by definition: one pixel after the other, with draws as documented. */
function expected(random: Random, { size, padding = 0, fill = 0, flip }: { size?: number; padding?: number; fill?: number; flip: number }): number[] {
  const [rowsOut, columnsOut] = [size ?? HEIGHT, size ?? WIDTH]
  return [...rows].flatMap((row) => {
    const top = random.int(HEIGHT + 2 * padding - rowsOut + 1) - padding
    const left = random.int(WIDTH + 2 * padding - columnsOut + 1) - padding
    const isFlipped = random.uniform() < flip
    return Array.from({ length: rowsOut * columnsOut * CHANNELS }, (_, i) => {
      const y = Math.floor(i / (columnsOut * CHANNELS)) + top
      const column = Math.floor(i / CHANNELS) % columnsOut
      const x = (isFlipped ? columnsOut - 1 - column : column) + left
      const inside = y >= 0 && y < HEIGHT && x >= 0 && x < WIDTH
      return inside ? ((row * HEIGHT + y) * WIDTH + x) * CHANNELS + (i % CHANNELS) + 1 : fill
    })
  })
}

describe('augmented', () => {
  it('pads, cuts out and flips as its seed and the position say', async () => {
    const dataset = make({ randomCrop: { padding: 2, fill: 250 }, horizontalFlip: 0.5, seed: 7 })
    for (let load = 0; load < 8; load++) {
      const at = { seed: load & 1, epoch: 1, batch: load >> 2, view: (load >> 1) & 1 }
      const { values, shape } = await dataset.load(rows, at)
      expect(shape).toEqual([4, HEIGHT, WIDTH, CHANNELS])
      const random = Random.at(at.seed, 'augmented', 7, 1, at.batch, at.view)
      expect([...values]).toEqual(expected(random, { padding: 2, fill: 250, flip: 0.5 }))
    }
    expect(dataset.normalization).toBe(plain.normalization)
  })

  it('cuts out a smaller window', async () => {
    const dataset = make({ randomCrop: { size: 2 }, horizontalFlip: 1, seed: -3 })
    expect(dataset.sampleShape).toEqual([2, 2, CHANNELS])
    expect([...(await dataset.load(rows)).values]).toEqual(expected(Random.at(0, 'augmented', -3, 0, 0, 0), { size: 2, flip: 1 }))
  })

  it('draws the same at a position, in whatever order and however often it is loaded, and otherwise elsewhere', async () => {
    const options = { randomCrop: { padding: 5 }, horizontalFlip: 0.5, seed: 1 }
    const [one, many] = [make({ ...options, workers: 1 }), make({ ...options, workers: 3 })]
    const base = { seed: 0, epoch: 1, batch: 0, view: 0 }
    const positions = [base, { ...base, seed: 1 }, { ...base, epoch: 2 }, { ...base, batch: 1 }, { ...base, view: 1 }]
    const inTurn = []
    for (const at of positions) inTurn.push(await one.load(rows, at))
    const backwards = await Promise.all([...positions].reverse().map((at) => many.load(rows, at)))
    expect(backwards.reverse()).toEqual(inTurn)
    expect(new Set(inTurn.map(({ values }) => String(values))).size).toBe(positions.length)
    expect(await one.load(rows)).toEqual(await many.load(rows))
    expect(await make({ ...options, seed: 2 }).load(rows, base)).not.toEqual(inTurn[0])
  })

  it('has any number of views, hands the position on, and keeps labels and label columns', async () => {
    const columns = { half: { labels: Int32Array.of(0, 1, 1) } }
    const asked: unknown[] = []
    const placed: Dataset = { ...plain, sampleShape: [HEIGHT, WIDTH, CHANNELS], columns, load: (some, at) => (asked.push(at), plain.load(some)) }
    const dataset = make({ horizontalFlip: 1 }, placed)
    expect(dataset.views).toBe(Infinity)
    expect([dataset.labels, dataset.columns]).toEqual([plain.labels, columns])
    const at = { seed: 3, epoch: 2, batch: 1, view: 0 }
    await dataset.load(rows, at)
    expect(asked).toEqual([at])
  })

  it('leaves the pixels of the plain dataset alone', async () => {
    const values = Uint8Array.from({ length: 24 }, (_, i) => i)
    const shared: Dataset = { ...plain, sampleShape: [3, 4, 2], load: () => Promise.resolve({ values, shape: [1, 3, 4, 2] }) }
    await make({ horizontalFlip: 1 }, shared).load(Int32Array.of(0))
    expect([...values]).toEqual(Array.from({ length: 24 }, (_, i) => i))
  })

  it('fails loads that are under way when it is disposed, and starts again', async () => {
    const dataset = make({ horizontalFlip: 1 })
    const loading = dataset.load(rows)
    await Promise.resolve().then(() => undefined)
    await Promise.all([expect(loading).rejects.toThrow('got dispose() meanwhile'), new Promise(setImmediate).then(() => dataset.dispose())])
    expect((await dataset.load(rows)).shape).toEqual([4, 3, 4, 2])
  })

  it('scales, colours and erases as its seed and the position say, alone', async () => {
    const colours = new ImageDataset({ ...plain, name: 'colours', pixels: Uint8Array.from({ length: 3 * 12 * 12 * 3 }, (_, i) => (i * 37) % 256), sampleShape: [12, 12, 3] })
    const options = { randomResizedCrop: { size: 6 }, horizontalFlip: 0.5, colorJitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }, randomErasing: { p: 1 } }
    const [one, many] = [make({ ...options, workers: 1 }, colours), make({ ...options, workers: 2 }, colours)]
    const at = (batch: number) => ({ seed: 0, epoch: 1, batch, view: 0 })
    const [first, second] = await Promise.all([one.load(rows, at(0)), one.load(rows, at(1))])
    expect(first.shape).toEqual([4, 6, 6, 3])
    expect(await many.load(rows, at(1))).toEqual(second)
    expect(await many.load(rows, at(0))).toEqual(first)
    expect(first).not.toEqual(second)
    for (let i = 0; i < 4; i++) expect(first.values.subarray(i * 108, (i + 1) * 108)).toContain(0)
  })

  it('explains what it cannot do', async () => {
    expect(() => augmented(plain, {})).toThrow(OptionError)
    expect(() => augmented(plain, { randomCrop: {} })).toThrow('got nothing that changes an image')
    expect(() => augmented(plain, { horizontalFlip: 2 })).toThrow('It is a probability.')
    const scheduled = { [Symbol.for('metric-learning.scheduled')]: true, value: 0.5, restrict: () => undefined }
    expect(() => augmented(plain, { horizontalFlip: scheduled as never })).toThrow('got one that is scheduled')
    expect(() => augmented(plain, { randomCrop: { size: 6, padding: 1 } })).toThrow('`randomCrop.size` to be an integer of at least 1 and at most 5, got 6')
    expect(() => augmented(plain, { flip: 1 } as object)).toThrow('got `flip`')
    expect(() => augmented(plain, { randomCrop: { padding: 1 }, randomResizedCrop: {} })).toThrow('got both')
    expect(() => augmented(plain, { randomResizedCrop: { scale: [0.5, 0.2] } })).toThrow('wanted `randomResizedCrop.scale` to be two numbers above 0, at most 1, from and to, got [0.5,0.2]')
    expect(() => augmented(plain, { randomResizedCrop: { ratio: [NaN, 1] } })).toThrow(OptionError)
    expect(() => augmented(plain, { colorJitter: { hue: 0.6 } })).toThrow(OptionError)
    expect(() => augmented(plain, { colorJitter: { hues: 0.6 } as object })).toThrow('got `hues`')
    expect(() => augmented(plain, { colorJitter: {} })).toThrow('got nothing that changes an image')
    expect(() => augmented(plain, { randomErasing: { p: 2 } })).toThrow('It is a probability.')
    const vectors: Dataset = { ...plain, sampleShape: [2], load: (some) => plain.load(some) }
    expect(() => augmented(vectors, { horizontalFlip: 1 })).toThrow(DataError)
    const numbers: Dataset = { ...plain, sampleShape: [3, 4, 2], load: async () => ({ values: new Float32Array(24), shape: [1, 3, 4, 2] }) }
    await expect(make({ horizontalFlip: 1 }, numbers).load(Int32Array.of(0))).rejects.toThrow('got Float32Array from numbered')
  })
})
