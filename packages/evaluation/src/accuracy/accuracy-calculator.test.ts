import * as tf from '@tensorflow/tfjs-core'
import { DataError, LabelError, OptionError, Random, ShapeError, type NeighbourIndex } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { ExactNeighbourIndex } from '../neighbours/exact-neighbour-index.js'
import { AccuracyCalculator } from './accuracy-calculator.js'
import type { AccuracyCalculatorOptions } from './accuracy-options.js'
import type { MetricName, Metrics } from '../metrics/metric-name.js'

const exclude = ['AMI', 'NMI'] as const

/** Points on a line. */
const line = (...values: number[]) => ({ embeddings: Float32Array.from(values), dim: 1 })

const rows = (count: number, dim: number, at: (i: number, j: number) => number) => ({
  embeddings: Float32Array.from({ length: count * dim }, (_, n) => at(Math.floor(n / dim), n % dim)),
  dim,
})
const query = rows(8, 5, (i, j) => Math.sin(0.5 + 1.3 * i + 2.1 * j + 0.7 * i * j))
const queryLabels = [0, 0, 0, 1, 1, 1, 2, 2]
const reference = rows(6, 5, (i, j) => Math.cos(0.2 + 1.1 * i + 0.8 * j + 0.5 * i * j))
const referenceLabels = [0, 1, 1, 2, 2, 3]

const unit = (row: readonly number[]): number[] => row.map((value) => value / Math.hypot(...row))

/** What PyTorch Metric Learning 2.9.0 gives for these waves, ten digits each. */
const WAVES: { what: string; options: AccuracyCalculatorOptions; split?: boolean; metrics: Metrics }[] = [
  {
    what: 'all neighbours',
    options: {},
    metrics: {
      meanAveragePrecision: 0.3383928571,
      meanAveragePrecisionAtR: 0.125,
      meanReciprocalRank: 0.3940475881,
      precisionAt1: 0.25,
      rPrecision: 0.125,
    },
  },
  {
    what: 'averages of averages',
    options: { avgOfAvgs: true },
    metrics: {
      meanAveragePrecision: 0.3166666667,
      meanAveragePrecisionAtR: 0.1111111111,
      meanReciprocalRank: 0.3661375344,
      precisionAt1: 0.2222222222,
      rPrecision: 0.1111111111,
    },
  },
  {
    what: 'two neighbours',
    options: { k: 2 },
    metrics: {
      meanAveragePrecision: 0.125,
      meanAveragePrecisionAtR: 0.125,
      meanReciprocalRank: 0.25,
      precisionAt1: 0.25,
      rPrecision: 0.125,
    },
  },
  {
    what: 'a reference set',
    options: {},
    split: true,
    metrics: {
      meanAveragePrecision: 0.4833333333,
      meanAveragePrecisionAtR: 0.1875,
      meanReciprocalRank: 0.46875,
      precisionAt1: 0.125,
      rPrecision: 0.25,
    },
  },
]

const WAVES_PER_CLASS = {
  meanAveragePrecision: [0.503968254, 0.3031746032, 0.1428571429],
  meanAveragePrecisionAtR: [0.3333333333, 0, 0],
  meanReciprocalRank: [0.7222221494, 0.2333333343, 0.1428571492],
  precisionAt1: [0.6666666667, 0, 0],
  rPrecision: [0.3333333333, 0, 0],
}

describe('AccuracyCalculator', () => {
  it.each(WAVES)('gives the numbers of PyTorch Metric Learning for waves: $what', async ({ options, split, metrics: wanted }) => {
    const references = split ? { reference, referenceLabels } : {}
    const { metrics } = await new AccuracyCalculator({ exclude, ...options }).getAccuracy({ query, queryLabels, ...references })
    expect(Object.keys(metrics)).toHaveLength(5)
    for (const [name, value] of Object.entries(wanted)) expect(metrics[name as MetricName]).toBeCloseTo(value!, 6)
  })

  it('gives them per class, with the labels they belong to', async () => {
    const { perClass } = await new AccuracyCalculator({ exclude, returnPerClass: true }).getAccuracy({ query, queryLabels })
    expect(perClass?.labels).toEqual([[0], [1], [2]])
    for (const [name, values] of Object.entries(WAVES_PER_CLASS)) {
      values.forEach((value, i) => {
        expect(perClass?.metrics[name as MetricName]?.[i]).toBeCloseTo(value, 6)
      })
    }
  })

  it('does not change with the size of tiles, nor with tensors in place of arrays', async () => {
    const whole = await new AccuracyCalculator({ exclude }).getAccuracy({ query, queryLabels })
    const tiled = new AccuracyCalculator({ exclude, createIndex: () => new ExactNeighbourIndex({ tileBytes: 1 }) })
    expect(await tiled.getAccuracy({ query, queryLabels })).toEqual(whole)
    const tensor = tf.tensor2d(query.embeddings, [8, 5])
    expect(await tiled.getAccuracy({ query: tensor, queryLabels: Int32Array.from(queryLabels) })).toEqual(whole)
  })

  it.each([undefined, 2])('tells after each tile how many queries are ranked, with k = %s', async (k) => {
    const told: number[][] = []
    const tiled = new AccuracyCalculator({ exclude, createIndex: () => new ExactNeighbourIndex({ tileBytes: 1 }), ...(k && { k }) })
    await tiled.getAccuracy({ query, queryLabels, onProgress: (done, total) => told.push([done, total]) })
    expect(told).toEqual(Array.from({ length: 8 }, (_, i) => [i + 1, 8]))
  })

  it('computes all seven metrics by default, and those asked for', async () => {
    const calculator = new AccuracyCalculator()
    expect(Object.keys((await calculator.getAccuracy({ query, queryLabels })).metrics).sort()).toEqual([...calculator.metricNames])
    const one = await calculator.getAccuracy({ query, queryLabels, include: ['NMI', 'rPrecision'], exclude: ['rPrecision'] })
    expect(Object.keys(one.metrics)).toEqual(['NMI'])
  })

  it('refuses to compute none of them', async () => {
    const all = new AccuracyCalculator().metricNames
    expect(() => new AccuracyCalculator({ exclude: all })).toThrow('AccuracyCalculator: wanted a metric at least, got all of them excluded. Include one out of ')
    expect(() => new AccuracyCalculator({ include: [] })).toThrow('got `include` of none')
    await expect(new AccuracyCalculator({ include: ['NMI'] }).getAccuracy({ query, queryLabels, exclude: ['NMI'] })).rejects.toThrow(OptionError)
  })

  it('tells labels above 2^24 apart', async () => {
    const base = 2 ** 24
    const { metrics } = await new AccuracyCalculator({ include: ['precisionAt1'] }).getAccuracy({
      query: line(0, 0.1, 5, 5.1),
      queryLabels: [base, base + 1, base, base + 1],
    })
    expect(metrics.precisionAt1).toBe(0)
  })

  it('leaves out and counts queries without a match, and says so', async () => {
    const request = { query: line(0, 0.1, 5), queryLabels: [1, 1, 2] }
    const found = await new AccuracyCalculator({ include: ['precisionAt1'] }).getAccuracy(request)
    expect(found).toEqual({
      metrics: { precisionAt1: 1 },
      reasons: {},
      certain: {},
      loneQueries: 1,
      warnings: ['1 of 3 queries have no match among the references and are left out of ranking metrics.'],
    })
  })

  it('gives null with the reason and a warning when no query has a match, a single query included', async () => {
    const calculator = new AccuracyCalculator({ include: ['meanAveragePrecision'], k: 'max_bin_count', returnPerClass: true })
    for (const request of [{ query: line(3), queryLabels: [0] }, { query: line(3, 4), queryLabels: [0, 1] }]) {
      const { metrics, reasons, perClass, warnings } = await calculator.getAccuracy(request)
      expect(metrics).toEqual({ meanAveragePrecision: null })
      expect(reasons).toEqual({ meanAveragePrecision: 'No query has a match among the references.' })
      expect(perClass?.metrics.meanAveragePrecision).toEqual(request.queryLabels.map(() => null))
      expect(warnings).toEqual(['No query has a match among the references: ranking metrics have no value.'])
    }
  })

  it('names metrics that cannot fail, with a warning', async () => {
    const all = new AccuracyCalculator()
    const one = await all.getAccuracy({ query: line(0, 5, 1, 9), queryLabels: [3, 3, 3, 3] })
    expect(Object.values(one.metrics)).toEqual([1, 1, 1, 1, 1, 1, 1])
    expect(Object.keys(one.certain).sort()).toEqual(Object.keys(one.metrics).sort())
    expect(one.certain).toMatchObject({ AMI: 'All queries are of one class.', precisionAt1: 'All references match.' })
    expect(one.warnings).toEqual(['All references match: ranking metrics cannot fail.', 'All queries are of one class: AMI and NMI cannot fail.'])
    const references = { reference: line(0, 1), referenceLabels: [3, 3] }
    const lone = await new AccuracyCalculator().getAccuracy({ query: line(0, 5), queryLabels: [3, 4], ...references })
    // Each query is a cluster of its own, wherever it is.
    expect(lone.certain).toMatchObject({ precisionAt1: 'All references match.', AMI: 'Each query is of a class of its own.', NMI: 'Each query is of a class of its own.' })
    expect([lone.metrics.AMI, lone.warnings.at(-1)]).toEqual([1, 'Each query is of a class of its own: AMI and NMI cannot fail.'])
    const two = await all.getAccuracy({ query: line(0, 5, 1, 9), queryLabels: [3, 3, 4, 4] })
    expect([two.certain, two.warnings]).toEqual([{}, []])
  })

  it('names all metrics where all embeddings are one point, with a warning: rankings are the order of the rows', async () => {
    const all = new AccuracyCalculator()
    const point = await all.getAccuracy({ query: rows(6, 2, (_, j) => 0.6 + 0.2 * j), queryLabels: [0, 0, 0, 1, 1, 1] })
    expect(Object.keys(point.certain).sort()).toEqual(Object.keys(point.metrics).sort())
    expect(point.warnings).toEqual([
      'All embeddings are one point: rankings are the order of the rows, and no metric says anything. Training may have diverged.',
    ])
    const apart = await all.getAccuracy({ query: line(5, 5, 5), queryLabels: [0, 0, 1], reference: line(5, 6), referenceLabels: [0, 1] })
    expect([apart.certain, apart.warnings]).toEqual([{}, []])
  })

  it('warns where each query finds itself, in whatever order references are', async () => {
    const SELVES = 'The queries are among the references, and each finds itself: put them first and pass `refIncludesQuery: true`, or pass references without them.'
    const calculator = new AccuracyCalculator({ include: ['precisionAt1'] })
    const all = { query: line(0, 1, 8), queryLabels: [0, 1, 0], reference: line(0, 1, 8, 9), referenceLabels: [0, 1, 0, 1] }
    const selves = await calculator.getAccuracy(all)
    expect([selves.metrics.precisionAt1, selves.warnings]).toEqual([1, [SELVES]])
    expect((await calculator.getAccuracy({ ...all, refIncludesQuery: true })).warnings).toEqual([])
    expect((await calculator.getAccuracy({ ...all, reference: line(1, 0, 8, 9) })).warnings).toEqual([])
    expect((await calculator.getAccuracy({ ...all, reference: line(9, 8, 1, 0), referenceLabels: [1, 0, 1, 0] })).warnings).toEqual([SELVES])
    expect((await calculator.getAccuracy({ ...all, reference: line(9, 8, 1, 0.5), referenceLabels: [1, 0, 1, 0] })).warnings).toEqual([])
    const grid = Array.from({ length: 200 }, (_, row) => [0, row % 7, Math.floor(row / 7)])
    const many = { query: grid, queryLabels: grid.map((_, row) => row % 2), reference: [...grid].reverse(), referenceLabels: grid.map((_, row) => (row + 1) % 2) }
    expect((await calculator.getAccuracy(many)).warnings).toEqual([SELVES])
    expect((await calculator.getAccuracy({ ...many, reference: many.reference.map(([x, y, z]) => [x!, y!, z! + 1]) })).warnings).toEqual([])
    expect((await calculator.getAccuracy({ ...all, excludeReferences: (row) => [0, 1, 2, 3].map((reference) => reference === row) })).warnings).toEqual([])
  })

  it('refuses a comparison of labels that says neither true nor false', async () => {
    const difference = ([a]: readonly number[], [b]: readonly number[]) => (a! - b!) as unknown as boolean
    await expect(new AccuracyCalculator({ include: ['precisionAt1'], labelComparison: difference }).getAccuracy({ query: line(0, 1, 8), queryLabels: [0, 1, 0] })).rejects.toThrow('wanted `labelComparison` to give true or false, got 0.')
  })

  it('warns of queries that match all references where others do not', async () => {
    const labelComparison = (a: readonly number[], b: readonly number[]) => a[0] === 0 || a[0] === b[0]
    const calculator = new AccuracyCalculator({ include: ['precisionAt1'], labelComparison })
    const { metrics, certain, warnings } = await calculator.getAccuracy({ query: line(0, 1, 8, 9), queryLabels: [0, 1, 2, 2] })
    expect([metrics.precisionAt1, certain]).toEqual([1, {}])
    expect(warnings).toEqual([
      '1 of 4 queries have no match among the references and are left out of ranking metrics.',
      '1 of 3 queries match all references: for them ranking metrics are 1, whatever the embeddings.',
    ])
  })

  it('warns when k is more than there are, or too few for R', async () => {
    const request = { query: line(0, 1, 2, 3), queryLabels: [0, 0, 0, 1], reference: line(0, 1, 2), referenceLabels: [0, 0, 1] }
    const warningsAt = async (k: number) => (await new AccuracyCalculator({ exclude, k }).getAccuracy(request)).warnings
    expect(await warningsAt(5)).toEqual(['k = 5 neighbours were asked for, 3 exist; all of them were taken.'])
    expect(await warningsAt(1)).toEqual([
      'k = 1 is less than the 2 matches that a query has: meanAveragePrecisionAtR and rPrecision see only the first k.',
    ])
    expect(await warningsAt(2)).toEqual([])
  })

  it("asks for as many neighbours as the largest class has matches with k = 'max_bin_count'", async () => {
    const asked: unknown[] = []
    class Asked extends ExactNeighbourIndex {
      override rank(request: Parameters<ExactNeighbourIndex['rank']>[0]) {
        asked.push(request.k)
        return super.rank(request)
      }
    }
    const createIndex = () => new Asked()
    await new AccuracyCalculator({ exclude, k: 'max_bin_count', createIndex }).getAccuracy({ query, queryLabels })
    await new AccuracyCalculator({ exclude, createIndex }).getAccuracy({ query, queryLabels })
    expect(asked).toEqual([2, 7])
  })

  it('takes a comparison that is not symmetric', async () => {
    // A query looks for references of the next higher label.
    const calculator = new AccuracyCalculator({ exclude, labelComparison: ([a], [b]) => b === a! + 1 })
    const { metrics, loneQueries } = await calculator.getAccuracy({ query: line(0, 1, 1.9, 10), queryLabels: [0, 1, 2, 0] })
    expect(loneQueries).toBe(1)
    expect(metrics).toMatchObject({ precisionAt1: 2 / 3, meanReciprocalRank: (1 + 1 + 1 / 2) / 3, rPrecision: 2 / 3 })
  })

  it('is right where groups lie far from each other, or numbers are as large as float32 goes', async () => {
    const precisionOf = async (query: object, queryLabels: number[]) =>
      (await new AccuracyCalculator({ include: ['precisionAt1'] }).getAccuracy({ query, queryLabels } as never)).metrics.precisionAt1
    const offsets = [0, 0.001, 0.01, 0.011, 0.02, 0.021]
    const pairs = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    expect(await precisionOf(line(...offsets.map((x) => 1000 + x), ...offsets.map((x) => -1000 - x)), pairs)).toBe(1)
    expect(await precisionOf(line(3e38, 2.9e38, -3e38, -2.9e38), [0, 0, 1, 1])).toBe(1)
    expect(await precisionOf(line(3e-38, 2.9e-38, -3e-38, -2.9e-38), [0, 0, 1, 1])).toBe(1)
  })

  it('is right for two opposite groups of unit vectors whose classes are 1e-4 apart', async () => {
    const random = new Random(5)
    const [dim, classes] = [32, 40]
    const axis = unit(Array.from({ length: dim }, () => random.normal()))
    const rows = Array.from({ length: classes }, (_, label) => {
      const centre = axis.map((value) => (label % 2 === 0 ? value : -value) + (1e-4 * random.normal()) / Math.sqrt(dim))
      return [0, 1, 2].map(() => unit(centre.map((value) => value + (1e-6 * random.normal()) / Math.sqrt(dim))))
    })
    const calculator = new AccuracyCalculator({ exclude })
    const { metrics } = await calculator.getAccuracy({
      query: { embeddings: Float32Array.from(rows.flat(2)), dim },
      queryLabels: rows.flatMap((_, label) => [label, label, label]),
    })
    expect(Object.values(metrics)).toEqual([1, 1, 1, 1, 1])
  })

  it('gives the same by an index that cannot rank', async () => {
    const sorting = (): NeighbourIndex => Object.defineProperty(new ExactNeighbourIndex(), 'rank', { value: undefined })
    const random = new Random(3)
    // A coarse grid, so that many distances and many rows are equal.
    const grid = { embeddings: Float32Array.from({ length: 120 }, () => random.int(5)), dim: 2 }
    const gridLabels = Int32Array.from({ length: 60 }, () => random.int(6))
    const references = { reference: grid, referenceLabels: gridLabels.map((label) => (label + 1) % 6) }
    const labelComparison = ([a]: readonly number[], [b]: readonly number[]) => (a! - b!) % 2 === 0
    for (const [request, options] of [
      [{}, {}],
      [references, {}],
      [{}, { labelComparison }],
      [{}, { k: 7 }],
    ] as const) {
      const accuracyBy = (createIndex: () => NeighbourIndex) =>
        new AccuracyCalculator({ exclude, createIndex, returnPerClass: true, ...options }).getAccuracy({ query: grid, queryLabels: gridLabels, ...request })
      expect(await accuracyBy(() => new ExactNeighbourIndex({ tileBytes: 5000 }))).toEqual(await accuracyBy(sorting))
    }
  })

  it('lets the event loop have a turn after each tile', async () => {
    let turns = 0
    let isDone = false
    const count = () => {
      turns++
      if (!isDone) setImmediate(count)
    }
    setImmediate(count)
    await new AccuracyCalculator({ createIndex: () => new ExactNeighbourIndex({ tileBytes: 1 }) }).getAccuracy({ query, queryLabels })
    isDone = true
    // Eight tiles, and rounds of k-means.
    expect(turns).toBeGreaterThan(8)
  })

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors
    await new AccuracyCalculator().getAccuracy({ query, queryLabels, reference, referenceLabels })
    expect(tf.memory().numTensors).toBe(before)
  })

  it('says what does not fit', async () => {
    const calculator = new AccuracyCalculator()
    const getAccuracy = (request: object) => calculator.getAccuracy({ query, queryLabels, ...request })
    await expect(getAccuracy({ queryLabels: [1, 2] })).rejects.toThrow(
      'AccuracyCalculator: wanted one label in `queryLabels` for each of the 8 embeddings, got 2.',
    )
    await expect(getAccuracy({ queryLabels: [0, 0, 0, 1, 1, 1, 2, 0.5] })).rejects.toThrow('got 0.5 in row 7')
    await expect(getAccuracy({ reference })).rejects.toThrow(LabelError)
    await expect(getAccuracy({ referenceLabels })).rejects.toThrow(LabelError)
    await expect(getAccuracy({ refIncludesQuery: false })).rejects.toThrow(OptionError)
    await expect(getAccuracy({ reference: line(1, 2), referenceLabels: [0, 1] })).rejects.toThrow(ShapeError)
    await expect(getAccuracy({ reference, referenceLabels: referenceLabels.map((a) => [a, 0]) })).rejects.toThrow(LabelError)
    await expect(getAccuracy({ query: line(0, 1, NaN, 1, 1, 1, 1, 1) })).rejects.toThrow('got NaN in row 2')
    await expect(
      getAccuracy({ reference: query, referenceLabels: [0, 0, 0, 1, 1, 1, 2, 1], refIncludesQuery: true }),
    ).rejects.toThrow('got label 1 for 2 in row 7')
    await expect(getAccuracy({ reference, referenceLabels, refIncludesQuery: true })).rejects.toThrow(DataError)
    await expect(getAccuracy({ include: ['recall'] })).rejects.toThrow(OptionError)
    expect(() => new AccuracyCalculator({ include: 'AMI' } as object)).toThrow(OptionError)
    expect(() => new AccuracyCalculator({ knnFunc: null } as object)).toThrow(OptionError)
  })
})

describe('options of an AccuracyCalculator of the wrong kind', () => {
  it.each<[string, object]>([
    ['an index in place of a function', { createIndex: new ExactNeighbourIndex() }],
    ['k-means that clusters nothing', { kmeans: {} }],
    ['a text as a comparison', { labelComparison: 'equal', exclude: ['AMI', 'NMI'] }],
    ['a text as a flag', { avgOfAvgs: 'yes' }],
    ['a number as a flag', { returnPerClass: 1 }],
    ['null as a flag', { multiLabel: null }],
  ])('are refused when it is made: %s', (_, options) => {
    expect(() => new AccuracyCalculator(options)).toThrow(OptionError)
  })

  const request = { query: { embeddings: Float32Array.of(0, 1, 5, 6), dim: 1 }, queryLabels: [0, 0, 1, 1] }
  const used = new ExactNeighbourIndex()
  it.each<[string, object, object, string]>([
    ['no index', { createIndex: () => undefined }, {}, 'got undefined'],
    ['a promise of an index', { createIndex: () => Promise.resolve(new ExactNeighbourIndex()) }, {}, '`createIndex()` to be an object with `add`'],
    ['clusters of some queries', { kmeans: { cluster: () => Promise.resolve(Int32Array.of(0)) } }, {}, 'a whole number for each of 4 queries, got 1'],
    ['a progress that is no function', {}, { onProgress: 3 }, '`onProgress` to be a function, got 3'],
    ['a text in place of a flag', {}, { reference: request.query, referenceLabels: [0, 0, 1, 1], refIncludesQuery: 'yes' }, 'got "yes"'],
  ])('are refused when they show: %s', async (_, options, more, message) => {
    const calculator = new AccuracyCalculator(options)
    await expect(calculator.getAccuracy({ ...request, ...more })).rejects.toThrow(OptionError)
    await expect(calculator.getAccuracy({ ...request, ...more })).rejects.toThrow(message)
  })

  it.each([undefined, null, 3])('are a request of %s', async (given) => {
    await expect(new AccuracyCalculator().getAccuracy(given as never)).rejects.toThrow(OptionError)
  })

  it('are a metric without the pool that it speaks of', async () => {
    const calculator = new AccuracyCalculator({ metrics: [{ name: 'odd', judges: 'pool', neighbours: 1, pool: () => undefined as never }] })
    await expect(calculator.getAccuracy(request)).rejects.toThrow('`pool() of odd` to be an object with `add` and `value`')
  })

  it('are an index that is used again: its references are not those of this evaluation', async () => {
    const calculator = new AccuracyCalculator({ createIndex: () => used })
    await calculator.getAccuracy(request)
    await expect(calculator.getAccuracy(request)).rejects.toThrow('wanted `createIndex` to make a new and empty index each time, got one that numbers the first of 4 references 4, and has 8 then')
    await used.remove(used.ids)
    await expect(calculator.getAccuracy(request)).rejects.toThrow(OptionError)
  })

  it('are metrics that give nothing, which have no value', async () => {
    const calculator = new AccuracyCalculator({
      metrics: [
        { name: 'ofEmbeddings', judges: 'embeddings', compute: () => Promise.resolve(undefined as never) },
        { name: 'ofPool', judges: 'pool', neighbours: 1, pool: () => ({ add: () => undefined, value: () => null as never }) },
      ],
      include: ['ofEmbeddings', 'ofPool'],
    })
    const { metrics, reasons } = await calculator.getAccuracy(request)
    expect([metrics, reasons]).toEqual([{ ofEmbeddings: null, ofPool: null }, { ofEmbeddings: 'It gave undefined.', ofPool: 'It gave null.' }])
  })
})
