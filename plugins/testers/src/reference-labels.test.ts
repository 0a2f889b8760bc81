import { AccuracyCalculator } from '@metric-learning/evaluation'
import { expect, it } from 'vitest'
import { GlobalEmbeddingSpaceTester } from './global-embedding-space-tester.js'
import { referenceLabels } from './reference-labels.js'
import { rowsDataset, scaled } from './toy-tests.fixture.js'

const column = (labels: readonly number[], classNames?: readonly string[]) => ({ labels: Int32Array.from(labels), ...(classNames && { classNames }) })

it('are numbered as the split numbers its classes, by their names, with others after them', () => {
  const own = column([0, 1], ['ant', 'bee'])
  expect([...referenceLabels(own, [own, column([0, 1, 2], ['cat', 'bee', 'dog']), column([1, 0], ['dog', 'ant'])])]).toEqual([0, 1, 2, 1, 3, 0, 3])
})

it('are as they are where classes are not told by names', () => {
  const own = column([0, 1], ['ant', 'bee'])
  expect([...referenceLabels(own, [column([1, 0])])]).toEqual([1, 0])
  expect([...referenceLabels(column([0, 1]), [column([1, 0], ['bee', 'ant'])])]).toEqual([1, 0])
  expect([...referenceLabels(own, [column([1, 0], ['bee', 'bee'])])]).toEqual([1, 0])
  expect([...referenceLabels(own, [column([2, 0], ['bee', 'ant'])])]).toEqual([2, 0])
})

const precision = async (references: readonly string[], trainNames: readonly string[]) => {
  // Each sample of `val` is nearest to one of `train`, of the same number.
  const val = { ...rowsDataset([0, 0, 1, 1], [[[0, 1], [1, 0], [10, 11], [11, 10]]]), classNames: ['ant', 'bee'] }
  const train = { ...rowsDataset([0, 0, 1, 1], [[[0, 1.1], [1.1, 0], [10, 11.1], [11.1, 10]]]), classNames: trainNames }
  const accuracyCalculator = new AccuracyCalculator({ include: ['precisionAt1', 'meanAveragePrecisionAtR'] })
  const tester = new GlobalEmbeddingSpaceTester({ splits: { val: { dataset: val, references }, train: { dataset: train, query: false } }, normalizeEmbeddings: false, accuracyCalculator })
  const { metrics, reasons } = await tester.test({ trunk: scaled(2) })
  tester.dispose()
  return metrics['val']!['precisionAt1'] ?? reasons['val']!['precisionAt1']
}

it('let classes that only share a number stand in each other’s way, and not for each other', async () => {
  expect(await precision(['val', 'train'], ['cat', 'dog'])).toBe(0)
  expect(await precision(['val', 'train'], ['ant', 'bee'])).toBe(1)
  expect(await precision(['val', 'train'], ['bee', 'ant'])).toBe(0)
  expect(await precision(['train'], ['bee', 'ant'])).toBe(0)
  expect(await precision(['train'], ['cat', 'dog'])).toBe('No query has a match among the references.')
})
