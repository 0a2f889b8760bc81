import * as tf from '@tensorflow/tfjs-core'
import {
  indicesFromSelection,
  LabelRelations,
  Random,
  selectAllPairs,
  selectAllTriplets,
  type ComputeOptions,
} from '@metric-learning/core'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { MeanReducer } from '@metric-learning/reducers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ArcFaceLoss } from './arc-face-loss.js'
import type { MetricLoss } from './base/metric-loss.js'
import { ContrastiveLoss } from './contrastive-loss.js'
import { TripletMarginLoss } from './triplet-margin-loss.js'

const [rows, dim] = [8, 4]
const labels = [0, 1, 2, 0, 1, 2, 0, 1]
const random = new Random(11)
const values = Float32Array.from({ length: rows * dim }, () => random.normal())
const embeddings = tf.tensor2d(values, [rows, dim])

const losses: readonly (readonly [string, MetricLoss])[] = [
  ['TripletMarginLoss', new TripletMarginLoss({ margin: 0.3 })],
  ['TripletMarginLoss, swap and smooth', new TripletMarginLoss({ margin: 0.3, swap: true, smoothLoss: true })],
  ['TripletMarginLoss of cosines', new TripletMarginLoss({ distance: new CosineSimilarity(), reducer: new MeanReducer() })],
  ['ContrastiveLoss', new ContrastiveLoss({ posMargin: 0.1, negMargin: 1.2 })],
  ['ContrastiveLoss of raw distances, p = 3', new ContrastiveLoss({ distance: new LpDistance({ p: 3, normalizeEmbeddings: false }) })],
  ['ArcFaceLoss', new ArcFaceLoss({ numClasses: 8, embeddingSize: dim, scale: 8 })],
]
const ofPairs = losses.filter(([, loss]) => loss.parameters.size === 0)

const gradient = (loss: MetricLoss, x: tf.Tensor2D, of: number[], options: ComputeOptions = {}) =>
  tf.grad((at: tf.Tensor) => loss.compute(at as tf.Tensor2D, of, options))(x)
const expectClose = (actual: tf.Tensor, expected: tf.Tensor, digits = 5) =>
  actual.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected.dataSync()[i]!, digits))
const permuted = <T>(list: readonly T[], order: readonly number[]): T[] => order.map((i) => list[i]!)

describe.each(losses)('%s', (_, loss) => {
  afterEach(() => void vi.restoreAllMocks())

  it('has the gradient that finite differences give', () => {
    const step = 2e-3
    const analytic = gradient(loss, embeddings, labels).dataSync()
    const shifted = (i: number, by: number) =>
      loss.compute(tf.tensor2d(values.map((v, j) => (i === j ? v + by : v)), [rows, dim]), labels).arraySync()
    values.forEach((_v, i) => {
      const numeric = (shifted(i, step) - shifted(i, -step)) / (2 * step)
      expect(Math.abs(analytic[i]! - numeric)).toBeLessThan(2e-3 + 0.03 * Math.abs(numeric))
    })
  })

  it('does not care about the order of the batch', () => {
    const order = [5, 2, 7, 0, 3, 6, 1, 4]
    const shuffled = tf.gather(embeddings, order)
    const shuffledLabels = permuted(labels, order)
    expectClose(loss.compute(shuffled, shuffledLabels), loss.compute(embeddings, labels))
    expectClose(gradient(loss, shuffled, shuffledLabels), tf.gather(gradient(loss, embeddings, labels), order))
  })

  it.each([
    ['duplicates', tf.tile(tf.tensor2d([[1, -2, 0.5, 1]]), [rows, 1]), labels],
    ['one class', embeddings, labels.map(() => 3)],
    ['classes all distinct', embeddings, labels.map((_l, i) => i)],
    ['a single sample', tf.slice(embeddings, 0, 1), [2]],
    ['zero vectors', tf.zerosLike(embeddings), labels],
    ['embeddings of norm 1e4', tf.mul<tf.Tensor2D>(embeddings, 1e4), labels],
  ] as [string, tf.Tensor2D, number[]][])('is finite, gradient included, on %s', (_case, x, of) => {
    expect(Number.isFinite(loss.compute(x, of).arraySync())).toBe(true)
    expect(gradient(loss, x, of).dataSync().every(Number.isFinite)).toBe(true)
  })

  it('leaves one tensor behind, and none when it fails', () => {
    const before = tf.memory().numTensors
    loss.compute(embeddings, labels).dispose()
    gradient(loss, embeddings, labels).dispose()
    expect(() => loss.compute(embeddings, [0, 1])).toThrow('one label for each of the 8 rows')
    const terms = loss.terms(embeddings, labels)
    tf.dispose(Object.values(terms).flatMap((term) => [term.values, term.weights!]))
    expect(tf.memory().numTensors).toBe(before)
  })

  it('reads nothing back from the device', () => {
    // Kernels in plain JavaScript and wasm read memory as they compute; there, only reads through tensors count.
    const source = tf.getBackend() === 'tensorflow' ? tf.backend() : tf.engine()
    const refuse = () => {
      throw new Error('read back')
    }
    vi.spyOn(source, 'readSync').mockImplementation(refuse)
    vi.spyOn(source, 'read').mockImplementation(refuse)
    expect(() => embeddings.dataSync()).toThrow('read back')
    expect(() => gradient(loss, embeddings, labels).dispose()).not.toThrow()
  })

  it('takes relations that were worked out before', () => {
    const relations = new LabelRelations(labels)
    expectClose(loss.compute(embeddings, relations), loss.compute(embeddings, labels), 7)
    relations.dispose()
  })
})

describe.each(ofPairs)('%s', (_, loss) => {
  it('gives the same for all pairs or triplets, dense, as indices, and by default', async () => {
    const relations = new LabelRelations(labels)
    const all = loss instanceof TripletMarginLoss ? selectAllTriplets(relations) : selectAllPairs(relations)
    for (const selection of [all, await indicesFromSelection(all)]) {
      expectClose(loss.compute(embeddings, labels, { selection }), loss.compute(embeddings, labels))
      expectClose(gradient(loss, embeddings, labels, { selection }), gradient(loss, embeddings, labels))
    }
  })

  it('gives the same for a batch as references of the same set', () => {
    const references = { refEmbeddings: tf.clone(embeddings), refLabels: labels, sameSet: true }
    expectClose(loss.compute(embeddings, labels, { references }), loss.compute(embeddings, labels))
  })

  it('refuses a selection of another shape, and rows outside the batch', () => {
    const other = selectAllPairs(new LabelRelations([0, 0, 1]))
    expect(() => loss.compute(embeddings, labels, { selection: other })).toThrow('`selection.positive` of shape [8, 8], got [3, 3]')
    const outside = { anchor: [0], positive: [9], negative: [1] }
    expect(() => loss.compute(embeddings, labels, { selection: outside })).toThrow('in [0, 8), got 9')
  })
})
