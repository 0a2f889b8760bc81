import { DataError, OptionError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { ImageDataset } from './images/image-dataset.js'
import { splitClasses } from './split-classes.js'

/** Pixels of 1×1: the value of a sample is 10 times its class, plus its number. */
const dataset = new ImageDataset({
  name: 'five',
  pixels: Uint8Array.of(0, 10, 20, 30, 40, 1, 11, 21, 31, 41),
  sampleShape: [1, 1, 1],
  labels: Int32Array.of(0, 1, 2, 3, 4, 0, 1, 2, 3, 4),
  classNames: ['a', 'b', 'c', 'd', 'e'],
})

/** What `Scheduled` of ops is to those who take numbers. */
const scheduled = { [Symbol.for('metric-learning.scheduled')]: true, value: 0.5, restrict: () => undefined }

const valuesOf = async (set: ImageDataset) => [...(await set.load(Int32Array.from(set.labels.keys()))).values]

describe('splitClasses', () => {
  it('shares no class, and labels each side from 0', async () => {
    const { train, test } = splitClasses(dataset, { trainClasses: 3 })
    expect([train.classNames, test.classNames]).toEqual([['a', 'b', 'c'], ['d', 'e']])
    expect([[...train.labels], [...test.labels]]).toEqual([[0, 1, 2, 0, 1, 2], [0, 1, 0, 1]])
    expect([await valuesOf(train), await valuesOf(test)]).toEqual([[0, 10, 20, 1, 11, 21], [30, 40, 31, 41]])
    expect([train.name, test.name]).toEqual(['five train', 'five test'])
  })

  it('keeps label columns, each side those of its samples', () => {
    const parity = { labels: Int32Array.of(0, 1, 0, 1, 0, 2, 3, 2, 3, 2) }
    const { train, test } = splitClasses(dataset.withColumns({ parity }), { trainClasses: 3 })
    expect(train.columns).toEqual({ parity: { labels: Int32Array.of(0, 1, 0, 2, 3, 2) } })
    expect(test.columns).toEqual({ parity: { labels: Int32Array.of(1, 0, 3, 2) } })
  })

  it('normalises both sides by the training side', () => {
    const { train, test } = splitClasses(dataset, { trainClasses: 2 })
    expect(train.normalization.mean[0]).toBeCloseTo(5.5 / 255, 12)
    expect(train.normalization.std[0]).toBeCloseTo(Math.sqrt(25.25) / 255, 12)
    expect(test.normalization).toBe(train.normalization)
  })

  it.each([[0.7, 3], [0.5, 3], [0, 2], [1, 3], [0.01, 2]])('keeps two classes on each side at %s', (trainFraction, classes) => {
    expect(splitClasses(dataset, { trainFraction }).train.classNames.length).toBe(classes)
  })

  it('splits a split again', async () => {
    const test = dataset.ofClasses('last four', [1, 2, 3, 4])
    expect(await valuesOf(splitClasses(test, { trainClasses: 2 }).test)).toEqual([30, 40, 31, 41])
  })

  it('refuses what leaves a side with fewer than two classes, with advice', () => {
    const few = () => splitClasses(dataset.ofClasses('three', [0, 1, 2]), { trainFraction: 0.7 })
    expect(few).toThrow(DataError)
    expect(few).toThrow('wanted 4 classes or more, so that each side has 2, got 3 in three. Add classes, or split by samples with `splitSamples`')
    for (const trainClasses of [1, 4]) {
      expect(() => splitClasses(dataset, { trainClasses })).toThrow('There are 5 classes; leave at least 2 for each side.')
    }
  })

  it('refuses a side on which each class has one sample only', () => {
    const single = dataset.ofRows('single', [0, 1, 2, 3, 4, 5, 6])
    expect(() => splitClasses(single, { trainClasses: 2 })).toThrow('wanted a class of two samples or more on each side, got 3 classes of one each in single test.')
  })

  it('rejects options out of range, both options and none', () => {
    expect(() => splitClasses(dataset, { trainFraction: 1.2 })).toThrow(OptionError)
    expect(() => splitClasses(dataset, { trainFraction: scheduled as never })).toThrow('`trainFraction` to be a plain number, got one that is scheduled')
    expect(() => splitClasses(dataset, {})).toThrow('got neither')
    expect(() => splitClasses(dataset, { trainFraction: 0.5, trainClasses: 2 })).toThrow('got both')
  })
})
