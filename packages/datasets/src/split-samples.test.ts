import { DataError, OptionError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { ImageDataset } from './images/image-dataset.js'
import { splitSamples } from './split-samples.js'

/** Pixels of 1×1: their value is the row. Classes of 10, 5 and 4 samples. */
const labels = Int32Array.from([...Array(10).fill(0), ...Array(5).fill(1), ...Array(4).fill(2)] as number[])
const dataset = new ImageDataset({
  name: 'nineteen',
  pixels: Uint8Array.from(labels.keys()),
  sampleShape: [1, 1, 1],
  labels,
  classNames: ['a', 'b', 'c'],
  columns: { number: { labels: Int32Array.from(labels.keys()) } },
})

const valuesOf = async (set: ImageDataset) => [...(await set.load(Int32Array.from(set.labels.keys()))).values]
const counts = ({ labels: all }: ImageDataset) => [0, 1, 2].map((label) => all.filter((one) => one === label).length)

describe('splitSamples', () => {
  it('has every class on both sides, and every sample on one', async () => {
    const { train, test } = splitSamples(dataset, { trainFraction: 0.7 })
    expect([counts(train), counts(test)]).toEqual([[7, 3, 2], [3, 2, 2]])
    expect([train.name, test.name, train.classNames]).toEqual(['nineteen train', 'nineteen test', ['a', 'b', 'c']])
    const [first, second] = [await valuesOf(train), await valuesOf(test)]
    expect([...first, ...second].sort((a, b) => a - b)).toEqual([...labels.keys()])
    expect([first, second]).toEqual([first, second].map((side) => [...side].sort((a, b) => a - b)))
    expect(train.columns).toEqual({ number: { labels: Int32Array.from(first) } })
    expect(test.normalization).toBe(train.normalization)
  })

  it.each([[0, [2, 2, 2]], [1, [8, 3, 2]]])('keeps two samples of each class on each side at %s', (trainFraction, expected) => {
    expect(counts(splitSamples(dataset, { trainFraction }).train)).toEqual(expected)
  })

  it('draws by its seed', async () => {
    const drawn = (seed?: number) => valuesOf(splitSamples(dataset, { trainFraction: 0.5, ...(seed !== undefined && { seed }) }).train)
    expect(await drawn()).toEqual(await drawn(0))
    expect(await drawn(1)).not.toEqual(await drawn(0))
  })

  it('refuses too few classes or samples, by name', () => {
    expect(() => splitSamples(dataset.ofClasses('one', [0]), { trainFraction: 0.5 })).toThrow(DataError)
    const few = dataset.ofRows('few', [0, 1, 2, 10, 11, 12, 13, 15])
    expect(() => splitSamples(few, { trainFraction: 0.5 })).toThrow(
      'wanted 4 samples of each class or more, so that each side has 2, got 3 of "a" (and 1 more such classes).',
    )
    expect(() => splitSamples(dataset, { trainFraction: 2 })).toThrow(OptionError)
    expect(() => splitSamples(dataset, {} as never)).toThrow(OptionError)
    expect(() => dataset.ofRows('none', [19])).toThrow('wanted rows from 0 to 18, got 19')
  })
})
