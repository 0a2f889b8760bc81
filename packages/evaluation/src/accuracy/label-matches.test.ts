import { LabelError, OptionError, Random, sharesLabel, ShapeError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { randomSet } from '../metrics/random-sets.fixture.js'
import { recallAtK } from '../metrics/recall-at-k.js'
import { AccuracyCalculator } from './accuracy-calculator.js'

const exclude = ['AMI', 'NMI'] as const
const line = (...values: number[]) => ({ embeddings: Float32Array.from(values), dim: 1 })
describe('labels of an AccuracyCalculator', () => {
  const { query, labels, rows } = randomSet(6, 50, 7)

  it('may be texts or bigints, of any size', async () => {
    const calculator = new AccuracyCalculator({ returnPerClass: true })
    const wanted = await calculator.getAccuracy({ query, queryLabels: labels })
    const names = Array.from(labels, (label) => `class, ${label}`)
    const byName = await calculator.getAccuracy({ query, queryLabels: names })
    expect([byName.metrics, byName.perClass!.metrics]).toEqual([wanted.metrics, wanted.perClass!.metrics])
    expect(byName.perClass!.labels).toEqual([...new Set(names)].sort().map((name) => [name]))
    for (const bigints of [Array.from(labels, (label) => 2n ** 70n + BigInt(label)), BigInt64Array.from(labels, BigInt)]) {
      const byBigint = await calculator.getAccuracy({ query, queryLabels: bigints })
      expect([byBigint.metrics, byBigint.perClass!.labels]).toEqual([wanted.metrics, [...new Set(bigints)].sort((a, b) => (a < b ? -1 : 1)).map((label) => [label])])
    }
    const reference = { reference: query, referenceLabels: names, refIncludesQuery: true }
    expect((await calculator.getAccuracy({ query, queryLabels: names, ...reference })).metrics).toEqual(wanted.metrics)
  })

  it('may be texts of several levels, compared by their owner', async () => {
    const levels = Array.from(labels, (label) => [`coarse ${label % 2}`, `fine ${label}`])
    const byOwner = new AccuracyCalculator({ exclude, labelComparison: ([a]: readonly string[], [b]: readonly string[]) => a === b })
    const wanted = await new AccuracyCalculator({ exclude }).getAccuracy({ query, queryLabels: labels.map((label) => label % 2) })
    expect((await byOwner.getAccuracy({ query, queryLabels: levels })).metrics).toEqual(wanted.metrics)
  })

  it('may be sets: a match shares one, as multi-hot rows do by `sharesLabel`', async () => {
    const random = new Random(2)
    const tags = ['red', 'blue', 'round', 'old']
    const hot = Array.from({ length: rows }, () => tags.map(() => Number(random.uniform() < 0.3)))
    const sets = hot.map((row) => tags.filter((_, i) => row[i]).reverse())
    const wanted = await new AccuracyCalculator({ exclude, labelComparison: sharesLabel }).getAccuracy({ query, queryLabels: hot })
    const shared = new AccuracyCalculator({ exclude, multiLabel: true, returnPerClass: true })
    const found = await shared.getAccuracy({ query, queryLabels: sets })
    expect(found.metrics).toEqual(wanted.metrics)
    expect(sets.some((set) => set.length === 0)).toBe(true)
    expect(found.loneQueries).toBe(wanted.loneQueries)
    expect(found.perClass!.labels[0]).toEqual(['blue'])
    const byNumber = hot.map((row) => row.flatMap((has, i) => (has ? [i, i] : [])))
    for (const queryLabels of [byNumber, byNumber.map((set) => Int32Array.from(set))]) {
      expect((await shared.getAccuracy({ query, queryLabels: queryLabels as number[][] })).metrics).toEqual(wanted.metrics)
    }
  })

  it('are sets for a comparison of one’s own as well', async () => {
    const contains = (wanted: readonly string[], has: readonly string[]) => wanted.every((tag) => has.includes(tag))
    const calculator = new AccuracyCalculator({ include: ['precisionAt1'], multiLabel: true, labelComparison: contains })
    const found = await calculator.getAccuracy({ query: line(0, 2, 2.5), queryLabels: [['a'], ['a', 'b'], ['b', 'a', 'c']] })
    // 0 and 1 find what they want, 2 nothing that has all of its own.
    expect([found.metrics.precisionAt1, found.loneQueries]).toEqual([1, 1])
  })

  it.each<[string, object, string]>([
    ['of two kinds', { queryLabels: ['a', 1, 'b'] }, 'wanted `queryLabels` to be texts, those of queries and references alike, got 1 in row 1'],
    ['of two kinds in two sets', { queryLabels: ['a', 'b', 'c'], reference: line(1), referenceLabels: [0] }, 'wanted `referenceLabels` to be texts, those of queries and references alike, got 0 in row 0'],
    ['of two kinds the other way round', { queryLabels: [0, 1, 2], reference: line(1), referenceLabels: ['a'] }, 'got "a" in row 0'],
    ['of different width', { queryLabels: [['a', 'b'], ['a'], ['a', 'c']] }, 'wanted `queryLabels` to be rows of 2 labels, as the first is, those of queries and references alike, got 1 in row 1'],
    ['too few', { queryLabels: ['a'] }, 'wanted one label in `queryLabels` for each of the 3 embeddings, got 1'],
    ['none', { queryLabels: undefined }, 'for each of the 3 embeddings, got undefined'],
    ['a text', { queryLabels: 'abc' }, 'got "abc"'],
    ['wider than those of references', { queryLabels: [['a', 'b'], ['a', 'b'], ['a', 'c']], reference: line(1), referenceLabels: ['a'] }, 'columns'],
  ])('are refused that are %s', async (_, request, message) => {
    const refused = new AccuracyCalculator({ exclude }).getAccuracy({ query: line(0, 1, 2), ...request } as never)
    await expect(refused).rejects.toThrow(LabelError)
    await expect(refused).rejects.toThrow(message)
  })

  it('have no clusters where several may match', () => {
    expect(() => new AccuracyCalculator({ multiLabel: true })).toThrow('wanted no metrics of clusters with `multiLabel`, since clusters know equal labels only, got AMI and NMI')
  })
})

describe('excludeReferences of an AccuracyCalculator', () => {
  const { query, labels, rows } = randomSet(6, 50, 20)
  const random = new Random(8)
  const camera = Array.from({ length: rows }, () => random.int(2))
  /** The rule of re-identification: not the same class by the same camera. */
  const sameCamera = (row: number) => Uint8Array.from(labels, (label, other) => Number(label === labels[row] && camera[other] === camera[row]))

  it('are neither match nor mistake: the metrics are those of the references that are left', async () => {
    const calculator = new AccuracyCalculator({ exclude, metrics: [recallAtK(3)] })
    const found = await calculator.getAccuracy({ query, queryLabels: labels, excludeReferences: sameCamera })
    let [sum, lone] = [0, 0]
    for (let row = 0; row < rows; row++) {
      const left = Array.from(sameCamera(row), (isOut, other) => (isOut || other === row ? [] : [other])).flat()
      const alone = await calculator.getAccuracy({
        query: { embeddings: query.embeddings.subarray(2 * row, 2 * row + 2), dim: 2 },
        queryLabels: [labels[row]!],
        reference: { embeddings: Float32Array.from(left.flatMap((other) => [query.embeddings[2 * other]!, query.embeddings[2 * other + 1]!])), dim: 2 },
        referenceLabels: left.map((other) => labels[other]!),
      })
      lone += alone.loneQueries
      sum += alone.metrics.meanAveragePrecision ?? 0
    }
    expect(lone).toBeGreaterThan(0)
    expect(found.loneQueries).toBe(lone)
    expect(found.metrics.meanAveragePrecision).toBeCloseTo(sum / (rows - lone), 12)
  })

  it('leave a query alone whose matches are all left out, and cut k to what is left', async () => {
    const calculator = new AccuracyCalculator({ exclude, k: 'max_bin_count' })
    const request = { query: line(0, 1, 5, 6), queryLabels: [0, 0, 1, 1] }
    const found = await calculator.getAccuracy({ ...request, excludeReferences: (row) => (row < 2 ? Uint8Array.of(1, 1, 0, 0) : undefined) })
    expect([found.loneQueries, found.metrics.precisionAt1]).toEqual([2, 1])
    const all = await calculator.getAccuracy({ ...request, excludeReferences: () => Uint8Array.of(1, 1, 1, 1) })
    expect([all.loneQueries, all.metrics.precisionAt1, all.reasons.precisionAt1]).toEqual([4, null, 'No query has a match among the references.'])
    const certain = await calculator.getAccuracy({ ...request, excludeReferences: (row) => Uint8Array.from(request.queryLabels, (label) => Number(label !== request.queryLabels[row])) })
    expect(certain.certain.precisionAt1).toBe('All references match.')
  })

  it('are said by a mask over all references', async () => {
    const calculator = new AccuracyCalculator({ exclude })
    const refused = (excludeReferences: unknown) => calculator.getAccuracy({ query, queryLabels: labels, excludeReferences } as never)
    await expect(refused(() => new Uint8Array(3))).rejects.toThrow(ShapeError)
    await expect(refused(() => new Uint8Array(3))).rejects.toThrow('wanted a mask over the 50 references from `excludeReferences`, got one of 3 for query 0')
    await expect(refused(['precisionAt1'])).rejects.toThrow(OptionError)
    await expect(refused(() => null)).rejects.toThrow('got null for query 0')
    await expect(refused(() => Array.from(labels, () => 'yes'))).rejects.toThrow('got "yes" at reference 0 for query 0')
  })

  it('may be booleans', async () => {
    const calculator = new AccuracyCalculator({ exclude })
    const wanted = await calculator.getAccuracy({ query, queryLabels: labels, excludeReferences: sameCamera })
    const found = await calculator.getAccuracy({ query, queryLabels: labels, excludeReferences: (row) => Array.from(sameCamera(row), Boolean) })
    expect(found).toEqual(wanted)
  })
})

describe('requests of an AccuracyCalculator', () => {
  it.each<[string, object, string]>([
    ['an unknown name', { queryLabel: [] }, 'ML_OPTION'],
    ['no embeddings', { query: undefined }, 'ML_SHAPE'],
    ['an empty split', { query: line(), queryLabels: [] }, 'ML_SHAPE'],
    ['an empty reference set', { reference: line(), referenceLabels: [] }, 'ML_SHAPE'],
    ['references of another width', { reference: { embeddings: new Float32Array(4), dim: 2 }, referenceLabels: [0, 1] }, 'ML_SHAPE'],
    ['NaN', { query: line(0, NaN, 2) }, 'ML_DATA'],
    ['infinite references', { reference: line(Infinity), referenceLabels: [0] }, 'ML_DATA'],
  ])('refuses %s', async (_, request, code) => {
    const calculator = new AccuracyCalculator()
    await expect(calculator.getAccuracy({ query: line(0, 1, 2), queryLabels: [0, 0, 1], ...request } as never)).rejects.toMatchObject({ code })
  })
})
