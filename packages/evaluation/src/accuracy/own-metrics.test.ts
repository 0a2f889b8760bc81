import { OptionError, Random, type NeighbourIndex } from '@metric-learning/contracts'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { cmc } from '../metrics/cmc.js'
import { knnClassifierAccuracy } from '../metrics/knn-classifier-accuracy.js'
import type { ClusteringMetric, Metric, NeighbourMetric, RankMetric } from '../metrics/metric.js'
import { nearestCentroidAccuracy } from '../metrics/nearest-centroid-accuracy.js'
import { precisionAtK } from '../metrics/precision-at-k.js'
import { randomSet } from '../metrics/random-sets.fixture.js'
import { recallAtK } from '../metrics/recall-at-k.js'
import { ExactNeighbourIndex } from '../neighbours/exact-neighbour-index.js'
import { AccuracyCalculator } from './accuracy-calculator.js'

const { query, labels: queryLabels } = randomSet(5, 60, 6)
const exclude = ['AMI', 'NMI'] as const

const medianRank: RankMetric<'firstRank'> = {
  name: 'firstRank',
  better: 'smaller',
  judges: 'ranks',
  compute: ({ matchRanks, available }) => matchRanks[0] ?? available,
}

/** Tells what is asked of an index. */
function watched(): { readonly asked: object[]; readonly createIndex: () => NeighbourIndex } {
  const asked: object[] = []
  class Watched extends ExactNeighbourIndex {
    override search(request: Parameters<ExactNeighbourIndex['search']>[0]) {
      asked.push({ search: request.k })
      return super.search(request)
    }

    override rank(request: Parameters<ExactNeighbourIndex['rank']>[0]) {
      asked.push({ rank: request.k, ...(request.neighbours && { neighbours: request.neighbours }) })
      return super.rank(request)
    }
  }
  return { asked, createIndex: () => new Watched() }
}

describe("an AccuracyCalculator's metrics", () => {
  it('are named like those there are, by type as well', async () => {
    const calculator = new AccuracyCalculator({ metrics: [recallAtK(4), medianRank, nearestCentroidAccuracy()], include: ['recallAt4', 'precisionAt1', 'firstRank'] })
    expect(calculator.metricNames).toEqual(['precisionAt1', 'recallAt4', 'firstRank'])
    expect(calculator.descriptions.recallAt4).toEqual({
      label: 'R@4',
      title: 'recall at 4',
      meaning: 'How often at least one of the 4 nearest is of the same class.',
      better: 'larger',
      inPercent: true,
    })
    expect(calculator.descriptions.firstRank).toEqual({ label: 'firstRank', title: '', meaning: '', better: 'smaller', inPercent: false })
    const { metrics } = await calculator.getAccuracy({ query, queryLabels, exclude: ['precisionAt1'] })
    expect(Object.keys(metrics)).toEqual(['recallAt4', 'firstRank'])
    expectTypeOf(metrics.recallAt4).toEqualTypeOf<number | null | undefined>()
    // @ts-expect-error It has no such metric.
    expect(() => new AccuracyCalculator({ metrics: [recallAtK(4)], include: ['recallAt5'] })).toThrow(OptionError)
    // @ts-expect-error Neither has this.
    await expect(calculator.getAccuracy({ query, queryLabels, include: ['cmc1'] })).rejects.toThrow(OptionError)
  })

  it('judge clusters of one’s own, too', async () => {
    const seen: unknown[] = []
    const purity: ClusteringMetric<'purity'> = {
      name: 'purity',
      judges: 'clusters',
      compute(classes, clusters) {
        seen.push(classes.length, clusters.length)
        return 0.25
      },
    }
    const { metrics, intervals } = await new AccuracyCalculator({ metrics: [purity], include: ['purity', 'NMI'], bootstrap: {} }).getAccuracy({ query, queryLabels })
    expect([metrics.purity, seen, intervals]).toEqual([0.25, [60, 60], {}])
  })

  it('come of one search, no deeper than they look', async () => {
    const askedFor = async (metrics: readonly Metric[], include: readonly string[], k?: number) => {
      const { asked, createIndex } = watched()
      await new AccuracyCalculator({ metrics, include, createIndex, ...(k && { k }) } as never).getAccuracy({ query, queryLabels })
      return asked
    }
    expect(await askedFor([], ['precisionAt1'])).toEqual([{ rank: 1 }])
    expect(await askedFor([recallAtK(4), precisionAtK(3)], ['recallAt4', 'precisionAt3', 'precisionAt1'])).toEqual([{ rank: 4 }])
    expect(await askedFor([recallAtK(4)], ['recallAt4', 'meanReciprocalRank'], 2)).toEqual([{ rank: 4 }])
    expect(await askedFor([knnClassifierAccuracy(5)], ['knnClassifierAccuracy5', 'precisionAt1'])).toEqual([{ search: 5 }])
    expect(await askedFor([knnClassifierAccuracy(5)], ['knnClassifierAccuracy5', 'meanAveragePrecision'])).toEqual([{ rank: 59, neighbours: 5 }])
    expect(await askedFor([cmc(1)], ['cmc1', 'meanAveragePrecision'])).toEqual([{ search: 59 }])
    expect(await askedFor([nearestCentroidAccuracy()], ['nearestCentroidAccuracy', 'AMI'])).toEqual([])
  })

  it('are what each of them is alone, by an index that ranks, one that names no neighbours with ranks, and one that only sorts', async () => {
    const metrics = [recallAtK(3), precisionAtK(4), knnClassifierAccuracy(5), cmc(2), nearestCentroidAccuracy(), medianRank] as const
    const names = ['recallAt3', 'precisionAt4', 'knnClassifierAccuracy5', 'cmc2', 'nearestCentroidAccuracy', 'firstRank', 'meanAveragePrecision', 'precisionAt1'] as const
    class Ranks extends ExactNeighbourIndex {
      override rank({ neighbours: _, ...request }: Parameters<ExactNeighbourIndex['rank']>[0]) {
        return super.rank(request)
      }
    }
    const sorts = (): NeighbourIndex => Object.defineProperty(new ExactNeighbourIndex(), 'rank', { value: undefined })
    for (const createIndex of [() => new ExactNeighbourIndex({ tileBytes: 5000 }), () => new Ranks(), sorts]) {
      const calculator = new AccuracyCalculator({ metrics, exclude, createIndex })
      for (const without of [[], ['cmc2']] as const) {
        const all = (await calculator.getAccuracy({ query, queryLabels, exclude: without })).metrics
        for (const name of names.filter((one) => !(without as readonly string[]).includes(one))) {
          const alone = await calculator.getAccuracy({ query, queryLabels, include: [name] })
          expect(alone.metrics).toEqual({ [name]: all[name] })
        }
      }
    }
  })

  it('see no rank beyond their depth, whatever others look at', async () => {
    const depths = new Set<number>()
    const nosy: RankMetric<'nosy'> = { name: 'nosy', judges: 'ranks', depth: 2, compute: ({ matchRanks, k }) => (depths.add(k), Array.from(matchRanks).every((rank) => rank <= 2) ? 1 : 0) }
    const { metrics } = await new AccuracyCalculator({ metrics: [nosy], exclude }).getAccuracy({ query, queryLabels })
    expect([metrics.nosy, [...depths]]).toEqual([1, [2]])
  })

  it('have class means and means of these', async () => {
    const { perClass } = await new AccuracyCalculator({ metrics: [recallAtK(2)], include: ['recallAt2'], returnPerClass: true }).getAccuracy({ query, queryLabels })
    const { metrics } = await new AccuracyCalculator({ metrics: [recallAtK(2)], include: ['recallAt2'], avgOfAvgs: true }).getAccuracy({ query, queryLabels })
    const means = perClass!.metrics.recallAt2!
    expect(means).toHaveLength(6)
    expect(metrics.recallAt2).toBeCloseTo(means.reduce<number>((sum, one) => sum + one!, 0) / 6, 12)
  })

  it('are null with the reason where they give no number', async () => {
    const broken: NeighbourMetric<'broken'> = { name: 'broken', judges: 'neighbours', neighbours: 1, compute: ({ query: row }) => (row === 2 ? NaN : 1) }
    const empty: ClusteringMetric<'empty'> = { name: 'empty', judges: 'clusters', compute: () => NaN }
    const calculator = new AccuracyCalculator({ metrics: [broken, empty], include: ['broken', 'empty', 'precisionAt1'], returnPerClass: true })
    const { metrics, reasons, perClass } = await calculator.getAccuracy({ query, queryLabels })
    expect(metrics).toMatchObject({ broken: null, empty: null })
    expect(metrics.precisionAt1).toBeTypeOf('number')
    expect(reasons).toEqual({ broken: 'It gave NaN for query 2.', empty: 'It gave NaN.' })
    expect(perClass!.metrics.broken).toEqual([null, null, null, null, null, null])
  })

  it('say where they look at more than there is', async () => {
    const { metrics, warnings } = await new AccuracyCalculator({ metrics: [recallAtK(5), knnClassifierAccuracy(9)], exclude }).getAccuracy({
      query: { embeddings: Float32Array.of(0, 1, 2), dim: 1 },
      queryLabels: [0, 0, 1],
    })
    expect(metrics).toMatchObject({ recallAt5: 1, knnClassifierAccuracy9: 1 })
    expect(warnings).toEqual([
      '1 of 3 queries have no match among the references and are left out of ranking metrics.',
      'recallAt5 looks at 5 neighbours, 2 exist.',
      'knnClassifierAccuracy9 looks at 9 neighbours, 2 exist.',
    ])
  })

  it.each<[string, unknown, string]>([
    ['no list', recallAtK(1), 'wanted `metrics` to be a list'],
    ['a function that was not called', [recallAtK], 'wanted `metrics[0]` to be an object'],
    ['a name that is taken', [precisionAtK(1)], 'wanted `metrics[0]` to have a name of its own, got "precisionAt1"'],
    ['a name twice', [recallAtK(1), recallAtK(1)], 'wanted `metrics[1]` to have a name of its own, got "recallAt1"'],
    ['no name', [{ judges: 'ranks', compute: () => 1 }], 'wanted `metrics[0]` to have a name'],
    ['nothing to judge', [{ name: 'own', compute: () => 1 }], 'wanted `judges` of own to be ranks or neighbours or pool or embeddings or clusters'],
    ['no function', [{ name: 'own', judges: 'pool', compute: () => 1 }], 'wanted own to have a function `pool`, got undefined'],
    ['no depth', [{ name: 'own', judges: 'ranks', depth: 0.5, compute: () => 1 }], "wanted `depth` of own to be a positive integer or 'matches' or 'all', got 0.5"],
    ['no neighbours', [{ name: 'own', judges: 'neighbours', compute: () => 1 }], "wanted `neighbours` of own to be a positive integer or 'all', got undefined"],
    ['another order', [{ name: 'own', judges: 'ranks', better: 'higher', compute: () => 1 }], "wanted `better` of own to be 'larger' or 'smaller', got \"higher\""],
    ['a unit', [{ name: 'own', judges: 'ranks', inPercent: '%', compute: () => 1 }], 'wanted `inPercent` of own to be true or false, got "%"'],
  ])('refuses %s', (_, metrics, message) => {
    expect(() => new AccuracyCalculator({ metrics } as never)).toThrow(OptionError)
    expect(() => new AccuracyCalculator({ metrics } as never)).toThrow(message)
  })
})

describe('confidence intervals', () => {
  /** P@1 of n queries is a coin: its interval is about that of a binomial share. */
  const coins = (n: number) => {
    const random = new Random(11)
    // Pairs a step apart, one of each with a stranger in between or not.
    const at = Array.from({ length: n }, (_, i) => 100 * i)
    const reference = at.flatMap((x) => (random.uniform() < 0.7 ? [x + 1, x + 2] : [x + 2, x + 1]))
    return {
      query: { embeddings: Float32Array.from(at), dim: 1 },
      queryLabels: Array<number>(n).fill(0),
      reference: { embeddings: Float32Array.from(reference), dim: 1 },
      referenceLabels: at.flatMap(() => [0, 1]),
    }
  }

  it('are as wide as the share of a coin lets expect, and the same by one seed', async () => {
    const calculator = new AccuracyCalculator({ include: ['precisionAt1'], bootstrap: { resamples: 2000, confidence: 0.9 }, seed: 3 })
    const { metrics, intervals } = await calculator.getAccuracy(coins(400))
    const share = metrics.precisionAt1!
    const { lower, upper } = intervals!.precisionAt1!
    const halfWidth = 1.645 * Math.sqrt((share * (1 - share)) / 400)
    expect(lower).toBeCloseTo(share - halfWidth, 2)
    expect(upper).toBeCloseTo(share + halfWidth, 2)
    expect((await calculator.getAccuracy(coins(400))).intervals).toEqual(intervals)
    const other = new AccuracyCalculator({ include: ['precisionAt1'], bootstrap: { resamples: 2000, confidence: 0.9 }, seed: 4 })
    expect((await other.getAccuracy(coins(400))).intervals).not.toEqual(intervals)
  })

  it('cover the metric of other queries among the same references, and less of it where the queries are the references', async () => {
    const random = new Random(5)
    const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
    const centres = Array.from({ length: 10 }, () => [normal(), normal(), normal()])
    const set = (count: number) => {
      const labels = Array.from({ length: count }, () => random.int(10))
      return { labels, embeddings: labels.map((label) => centres[label]!.map((value) => value + 0.8 * normal())) }
    }
    const references = set(60)
    const calculator = new AccuracyCalculator({ include: ['rPrecision'], bootstrap: { resamples: 200 } })
    const among = (own: ReturnType<typeof set>) => ({ query: own.embeddings, queryLabels: own.labels, reference: references.embeddings, referenceLabels: references.labels })
    const themselves = (own: ReturnType<typeof set>) => ({ query: own.embeddings, queryLabels: own.labels })
    const coverage = async (request: typeof among | typeof themselves) => {
      const found = []
      for (let i = 0; i < 200; i++) found.push(await calculator.getAccuracy(request(set(30))))
      const truth = found.reduce((sum, { metrics }) => sum + metrics.rPrecision!, 0) / found.length
      return found.filter(({ intervals }) => intervals!.rPrecision!.lower <= truth && truth <= intervals!.rPrecision!.upper).length / found.length
    }
    expect(await coverage(among)).toBeGreaterThan(0.9)
    // What docs/metrics.md warns of.
    expect(await coverage(themselves)).toBeLessThan(0.85)
  })

  it('go with metrics of queries that have a value, as they are averaged', async () => {
    const options = { metrics: [recallAtK(3), nearestCentroidAccuracy(), knnClassifierAccuracy(3)], bootstrap: { resamples: 200 } } as const
    const plain = await new AccuracyCalculator(options).getAccuracy({ query, queryLabels })
    expect(Object.keys(plain.intervals!).sort()).toEqual(Object.keys(plain.metrics).filter((name) => !exclude.includes(name as never)).sort())
    const byClass = await new AccuracyCalculator({ ...options, avgOfAvgs: true }).getAccuracy({ query, queryLabels })
    for (const { metrics, intervals } of [plain, byClass]) {
      for (const [name, { lower, upper }] of Object.entries(intervals!)) {
        const value = (metrics as Record<string, number>)[name]!
        expect([name, lower < upper, lower <= value, value <= upper]).toEqual([name, true, true, true])
      }
    }
    const lone = await new AccuracyCalculator({ ...options, exclude }).getAccuracy({ query, queryLabels: Array.from({ length: 60 }, (_, i) => i) })
    expect(lone.intervals).toEqual({})
  })

  it('are not there unless they are asked for', async () => {
    expect(await new AccuracyCalculator({ exclude }).getAccuracy({ query, queryLabels })).not.toHaveProperty('intervals')
    expect(() => new AccuracyCalculator({ bootstrap: { resamples: 1 } })).toThrow('AccuracyCalculator, bootstrap: wanted `resamples`')
    expect(() => new AccuracyCalculator({ bootstrap: { confidence: 95 } })).toThrow('wanted `confidence` to be a number above 0 and at most 0.9999, got 95')
    expect(() => new AccuracyCalculator({ bootstrap: { samples: 5 } as never })).toThrow(OptionError)
  })
})
