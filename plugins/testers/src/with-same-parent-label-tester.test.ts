import { LabelError, OptionError } from '@metric-learning/contracts'
import { AccuracyCalculator } from '@metric-learning/evaluation'
import { describe, expect, it } from 'vitest'
import { families, rowsDataset, scaled } from './toy-tests.fixture.js'
import { WithSameParentLabelTester } from './with-same-parent-label-tester.js'

const val = families(40, 6, 1, 0.5)
const train = families(60, 6, 2, 0.5)

describe('WithSameParentLabelTester', () => {
  it('gives the mean of what a calculator says of each parent', async () => {
    const calculator = new AccuracyCalculator()
    const tester = new WithSameParentLabelTester({ splits: { val }, labels: ['labels', 'family'] })
    const { metrics, accuracies, splits, warnings } = await tester.test({ trunk: scaled(6) })
    const { embeddings, dim, labels } = splits[0]!
    const ofParent = async (parent: number) => {
      const rows = [...labels.keys()].filter((row) => Math.floor(labels[row]! / 2) === parent)
      const query = { embeddings: Float32Array.from(rows.flatMap((row) => [...embeddings.subarray(row * dim, (row + 1) * dim)])), dim }
      return calculator.getAccuracy({ query, queryLabels: rows.map((row) => labels[row]!) })
    }
    const parents = [await ofParent(0), await ofParent(1)]
    for (const [metric, value] of Object.entries(metrics['val']!)) {
      const [one, other] = parents.map((parent) => parent.metrics[metric as 'NMI']!) as [number, number]
      expect(value).toBeCloseTo((one + other) / 2, 10)
    }
    expect([...accuracies['val']!.parents.keys()].sort()).toEqual([0, 1])
    expect(warnings).toEqual([])
  })

  it('looks up among references of the same parent alone', async () => {
    // Of each family one class lies in its own place, and the nearest of all is one of the other family.
    const query = rowsDataset([0, 2], [[[0, 1], [1, 0]]], { family: { labels: Int32Array.of(0, 1) } })
    const among = rowsDataset([2, 0, 1, 0, 2, 3], [[[0, 1], [0.2, 1], [1, 1], [1, 0], [1, 0.2], [1, 1]]], { family: { labels: Int32Array.of(1, 0, 0, 0, 1, 1) } })
    const tester = new WithSameParentLabelTester({
      splits: { query: { dataset: query, references: ['among'] }, among: { dataset: among, query: false } },
      labels: ['labels', 'family'],
      accuracyCalculator: new AccuracyCalculator({ include: ['precisionAt1', 'meanAveragePrecisionAtR'] }),
    })
    const { metrics } = await tester.test({ trunk: scaled(2) })
    expect(metrics['query']!['precisionAt1']).toBe(1)
  })

  it('leaves parents without a result out, and says so', async () => {
    const rows = [[0, 1], [0.1, 1], [1, 0], [1, 0.1], [0.5, 0.5], [0.6, 0.5]]
    const family = { labels: Int32Array.of(0, 0, 0, 0, 1, 1) }
    const lonely = rowsDataset([0, 0, 1, 1, 2, 2], [rows], { family })
    const tester = new WithSameParentLabelTester({ splits: { lonely }, labels: ['labels', 'family'], accuracyCalculator: new AccuracyCalculator({ include: ['precisionAt1', 'NMI', 'meanAveragePrecisionAtR'] }) })
    const { metrics, warnings } = await tester.test({ trunk: scaled(2) })
    expect(metrics['lonely']!['precisionAt1']).toBe(1)
    expect(warnings).toEqual(['lonely: 1 of 2 parents have no result, and are left out of the mean of NMI, meanAveragePrecisionAtR, precisionAt1: no match, or one class.'])
  })

  it('has no result, and the reason, where no parent has one', async () => {
    const alone = rowsDataset([0, 1], [[[0, 1], [1, 0]]], { family: { labels: Int32Array.of(0, 1) } })
    const accuracyCalculator = new AccuracyCalculator({ include: ['precisionAt1', 'meanAveragePrecisionAtR'] })
    const { metrics, reasons } = await new WithSameParentLabelTester({ splits: { alone }, labels: ['labels', 'family'], accuracyCalculator }).test({ trunk: scaled(2) })
    expect(metrics['alone']!['precisionAt1']).toBeNull()
    expect(reasons['alone']!['precisionAt1']).toBe('No parent has a result.')
  })

  it('leaves out queries whose parent has no references', async () => {
    const elsewhere = { ...train, columns: { family: { labels: Int32Array.from(train.labels, () => 0) } } }
    const tester = new WithSameParentLabelTester({ splits: { val: { dataset: val, references: ['elsewhere'] }, elsewhere: { dataset: elsewhere, query: false } }, labels: ['labels', 'family'] })
    const { metrics, accuracies, warnings } = await tester.test({ trunk: scaled(6) })
    expect([...accuracies['val']!.parents.keys()]).toEqual([0])
    expect(metrics['val']!['precisionAt1']).toBeGreaterThan(0)
    expect(warnings[0]).toContain('1 of 2 parents')
  })

  it('judges three levels as two, each within the next', async () => {
    const columns = { ...val.columns, order: { labels: Int32Array.from(val.labels, () => 0) } }
    const tester = new WithSameParentLabelTester({ splits: { val: { ...val, columns } }, labels: ['labels', 'family', 'order'], accuracyCalculator: new AccuracyCalculator({ include: ['precisionAt1', 'meanAveragePrecisionAtR'] }) })
    const { metrics } = await tester.test({ trunk: scaled(6) })
    const { precisionAt1, 'labels/precisionAt1': fine, 'family/precisionAt1': coarse } = metrics['val']!
    expect(precisionAt1).toBeCloseTo((fine! + coarse!) / 2, 12)
    expect('order/precisionAt1' in metrics['val']!).toBe(false)
  })

  it('refuses labels without parents', () => {
    expect(() => new WithSameParentLabelTester({ splits: { val } })).toThrow(OptionError)
    expect(() => new WithSameParentLabelTester({ splits: { val }, labels: ['labels'] })).toThrow('labels` with a column and that of its parents')
    expect(() => new WithSameParentLabelTester({ splits: { val }, labels: ['labels', 'order'] })).toThrow(LabelError)
    const listed = { ...val, columns: { order: { labelRows: [...val.labels].map((label) => [label]) } } }
    expect(() => new WithSameParentLabelTester({ splits: { val: listed }, labels: ['labels', 'order'] })).toThrow('columns: { order: { labels } }')
  })
})
