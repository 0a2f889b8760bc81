import { Random, type NeighbourIndex } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { AccuracyCalculator } from '../accuracy/accuracy-calculator.js'
import { ExactNeighbourIndex } from '../neighbours/exact-neighbour-index.js'
import { cmc } from './cmc.js'
import { fnmrAtFmr } from './fnmr-at-fmr.js'
import { knnClassifierAccuracy } from './knn-classifier-accuracy.js'
import type { Metric } from './metric.js'
import { nearestCentroidAccuracy } from './nearest-centroid-accuracy.js'
import { precisionAtK } from './precision-at-k.js'
import { mean, randomSet } from './random-sets.fixture.js'
import { recallAtK } from './recall-at-k.js'

/** Points on a line. */
const line = (...values: number[]) => ({ embeddings: Float32Array.from(values), dim: 1 })

async function valueOf<Name extends string>(metric: Metric<Name>, request: { query: object; queryLabels: ArrayLike<number> }, createIndex?: () => NeighbourIndex) {
  const calculator = new AccuracyCalculator({ metrics: [metric], exclude: ['AMI', 'NMI'], ...(createIndex && { createIndex }) })
  const { metrics, reasons } = await calculator.getAccuracy({ ...request, include: [metric.name] } as never)
  return { value: (metrics as Record<string, number | null>)[metric.name], reason: (reasons as Record<string, string>)[metric.name] }
}

const SETS = [1, 2, 3].map((seed) => randomSet(seed, 40, 5))

describe('recallAtK and precisionAtK', () => {
  it.each(SETS)('are those of a full sort', async ({ query, labels, ranked, judged }) => {
    const hits = (row: number, k: number) => ranked(row).slice(0, k).filter((other) => labels[other] === labels[row]).length
    for (const k of [1, 4, 39, 60]) {
      expect((await valueOf(recallAtK(k), { query, queryLabels: labels })).value).toBeCloseTo(mean(judged.map((row) => Number(hits(row, k) > 0))), 12)
      if (k > 1) expect((await valueOf(precisionAtK(k), { query, queryLabels: labels })).value).toBeCloseTo(mean(judged.map((row) => hits(row, k) / k)), 12)
    }
  })
})

describe('knnClassifierAccuracy', () => {
  it.each(SETS)('is that of counting votes, the nearest class of equals', async ({ query, labels, ranked, judged }) => {
    for (const k of [1, 3, 6]) {
      const winner = (row: number) => {
        const voters = ranked(row).slice(0, k).map((other) => labels[other]!)
        const votes = (label: number) => voters.filter((one) => one === label).length
        return voters.find((label) => voters.every((other) => votes(other) <= votes(label)))
      }
      const wanted = mean(judged.map((row) => Number(winner(row) === labels[row])))
      expect((await valueOf(knnClassifierAccuracy(k), { query, queryLabels: labels })).value).toBeCloseTo(wanted, 12)
    }
  })

  it('takes the class of the nearest where votes are equal', async () => {
    // Query 0 sees b (1), a (1.5): a draw of two classes; the nearer one is b.
    const { value } = await valueOf(knnClassifierAccuracy(2), { query: line(0, 1, -1.5, 40, 41), queryLabels: [0, 1, 0, 1, 1] })
    // 0: b wins, wrong; 1: 0 and -1.5 are a, wrong; 2: 0 is nearer than 1, right; 3 and 4: 41 and 40 come first, right.
    expect(value).toBeCloseTo(3 / 5, 12)
  })
})

describe('cmc', () => {
  it('is the mean over all galleries with one reference of each class', async () => {
    const { query, labels, rows, squaredDistance, judged } = randomSet(7, 11, 3)
    /** All galleries without the query: one row of each class that has one. */
    const galleries = (row: number) => {
      const classes = [...new Set(labels)].map((label) => Array.from(labels.keys()).filter((other) => other !== row && labels[other] === label)).filter((one) => one.length > 0)
      return classes.reduce<number[][]>((all, own) => all.flatMap((gallery) => own.map((other) => [...gallery, other])), [[]])
    }
    for (const k of [1, 2]) {
      const ofQuery = (row: number) =>
        mean(
          galleries(row).map((gallery) => {
            const match = gallery.find((other) => labels[other] === labels[row])!
            const before = gallery.filter((other) => squaredDistance(row, other) < squaredDistance(row, match)).length
            return Number(before < k)
          }),
        )
      expect((await valueOf(cmc(k), { query, queryLabels: labels })).value).toBeCloseTo(mean(judged.map(ofQuery)), 12)
    }
    expect(rows).toBe(11)
  })

  it('differs from recall at k: the gallery has one reference of each class, the match of the query among them', async () => {
    // Query 0: match at rank 1 and at rank 3, another class at rank 2. Half of the galleries have the far match.
    const request = { query: line(0), queryLabels: [0], reference: line(1, 2, 3), referenceLabels: [0, 1, 0] }
    expect((await valueOf(recallAtK(1), request)).value).toBe(1)
    expect((await valueOf(cmc(1), request)).value).toBe(0.5)
    expect((await valueOf(cmc(2), request)).value).toBe(1)
  })

  it('has no value where the index does not give all references', async () => {
    class Few extends ExactNeighbourIndex {
      override search(request: Parameters<ExactNeighbourIndex['search']>[0]) {
        return super.search({ ...request, k: 2 })
      }
    }
    const { value, reason } = await valueOf(cmc(1), { query: line(0, 1, 2, 3), queryLabels: [0, 0, 1, 1] }, () => new Few())
    expect([value, reason]).toEqual([null, 'It gave NaN for query 0.'])
  })
})

describe('nearestCentroidAccuracy', () => {
  it.each(SETS)('is that of the means of the others', async ({ query, labels, judged }) => {
    const rowsOf = (label: number, without: number) => Array.from(labels.keys()).filter((row) => row !== without && labels[row] === label)
    const centre = (rows: readonly number[]) => [0, 1].map((column) => mean(rows.map((row) => query.embeddings[2 * row + column]!)))
    const nearest = (row: number) => {
      const classes = [...new Set(labels)].filter((label) => rowsOf(label, row).length > 0)
      const distance = (label: number) => centre(rowsOf(label, row)).reduce((sum, value, column) => sum + (value - query.embeddings[2 * row + column]!) ** 2, 0)
      return classes.sort((a, b) => distance(a) - distance(b))[0]
    }
    const wanted = mean(judged.map((row) => Number(nearest(row) === labels[row])))
    expect((await valueOf(nearestCentroidAccuracy(), { query, queryLabels: labels })).value).toBeCloseTo(wanted, 12)
  })

  it('leaves queries in the means of references that are others', async () => {
    const request = { query: line(0, 4), queryLabels: [0, 1], reference: line(1, -1, 3, 9), referenceLabels: [0, 0, 1, 1] }
    // Means are 0 and 6.
    expect((await valueOf(nearestCentroidAccuracy(), request)).value).toBe(1)
    expect((await valueOf(nearestCentroidAccuracy(), { ...request, query: line(0, 2.9) })).value).toBe(0.5)
  })

  it('takes of equally near means that of the own class, also where references are others', async () => {
    const request = { query: line(0, 0, 0), queryLabels: [0, 1, 2], reference: line(-1, 1, 9, 5), referenceLabels: [0, 1, 2, 3] }
    expect((await valueOf(nearestCentroidAccuracy(), request)).value).toBeCloseTo(2 / 3, 12)
  })

  it('has no value where references are left out', async () => {
    const request = { query: line(0, 1, 2, 3), queryLabels: [0, 0, 1, 1], excludeReferences: () => undefined }
    const { value, reason } = await valueOf(nearestCentroidAccuracy(), request)
    expect([value, reason]).toEqual([null, 'Centroids are those of all references, and `excludeReferences` leaves some out for each query.'])
  })
})

describe('fnmrAtFmr', () => {
  const wanted = ({ labels, squaredDistance, rows, judged }: ReturnType<typeof randomSet>, fmr: number) => {
    const pairs = judged.flatMap((row) => Array.from({ length: rows }, (_, other) => other).filter((other) => other !== row).map((other) => ({ isMatch: labels[row] === labels[other], distance: squaredDistance(row, other) })))
    const others = pairs.filter(({ isMatch }) => !isMatch).map(({ distance }) => distance).sort((a, b) => a - b)
    const threshold = others[Math.floor(fmr * others.length)] ?? Infinity
    const matching = pairs.filter(({ isMatch }) => isMatch)
    return matching.filter(({ distance }) => distance >= threshold).length / matching.length
  }

  it.each(SETS)('is that of one threshold for all pairs', async (set) => {
    for (const fmr of [0.01, 0.1, 1]) {
      expect((await valueOf(fnmrAtFmr(fmr), { query: set.query, queryLabels: set.labels })).value).toBeCloseTo(wanted(set, fmr), 12)
    }
  })

  it('is the same by fewer neighbours, or null where they do not reach the threshold', async () => {
    const set = SETS[0]!
    const request = { query: set.query, queryLabels: set.labels }
    expect((await valueOf(fnmrAtFmr(0.01, { neighbours: 30 }), request)).value).toBeCloseTo(wanted(set, 0.01), 12)
    const { value, reason } = await valueOf(fnmrAtFmr(0.5, { neighbours: 3 }), request)
    expect([value, reason]).toEqual([null, 'The threshold lies beyond the `neighbours` of some queries: pass more of them.'])
  })

  it.each([1e38, 1, 1e-38])('tells distances apart at the scale of %d', async (scale) => {
    const query = line(...[1, 1.1, -3, -3.1].map((value) => scale * value))
    expect((await valueOf(fnmrAtFmr(0.5), { query, queryLabels: [0, 0, 1, 1] })).value).toBe(0)
  })

  it('lets as many others pass as the rate says in decimals', async () => {
    // 100 others at 1, 2, …; 29 of them may pass, so that a match at 29.5 is found and one at 30.5 is not.
    const reference = line(-29.5, -30.5, ...Array.from({ length: 100 }, (_, i) => i + 1))
    const labels = { queryLabels: [0], referenceLabels: Int32Array.from({ length: 102 }, (_, i) => Number(i > 1)) }
    const request = { query: line(0), reference, ...labels }
    expect((await valueOf(fnmrAtFmr(0.29), request)).value).toBe(0.5)
  })

  it('goes by similarities that fall as well', async () => {
    const random = new Random(4)
    const embeddings = Float32Array.from({ length: 60 }, () => random.normal())
    for (let i = 0; i < 60; i += 2) {
      const norm = Math.hypot(embeddings[i]!, embeddings[i + 1]!)
      embeddings[i]! /= norm
      embeddings[i + 1]! /= norm
    }
    const request = { query: { embeddings, dim: 2 }, queryLabels: Int32Array.from({ length: 30 }, (_, i) => i % 4) }
    const byDistance = await valueOf(fnmrAtFmr(0.05), request)
    expect(await valueOf(fnmrAtFmr(0.05), request, () => new ExactNeighbourIndex({ distance: new CosineSimilarity() }))).toEqual(byDistance)
  })

  it('has no value where the rate can not be measured', async () => {
    const { value, reason } = await valueOf(fnmrAtFmr(0.001), { query: line(0, 1, 5, 6), queryLabels: [0, 0, 1, 1] })
    expect([value, reason]).toEqual([null, 'A false match rate of 0.001 takes 1000 pairs that do not match; there are 8.'])
  })
})

describe('metrics that are exported', () => {
  it('refuse what is no number of neighbours, and no rate', () => {
    for (const make of [recallAtK, precisionAtK, cmc, knnClassifierAccuracy]) expect(() => make(0)).toThrow('wanted `k` to be an integer of at least 1, got 0')
    expect(() => fnmrAtFmr(0)).toThrow('wanted `fmr` to be a number above 0 and at most 1, got 0')
    expect(() => fnmrAtFmr(0.1, { neighbours: 0 })).toThrow('wanted `neighbours`')
  })
})
