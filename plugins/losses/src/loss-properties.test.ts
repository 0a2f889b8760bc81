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
import { CenterInvariantRegularizer, RegularFaceRegularizer, SparseCentersRegularizer } from '@metric-learning/regularizers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { MetricLoss } from './base/metric-loss.js'
import * as all from './index.js'

const [rows, dim] = [8, 4]
const random = new Random(11)
const values = Float32Array.from({ length: rows * dim }, () => random.normal())
const embeddings = tf.tensor2d(values, [rows, dim])
const mixed = [0, 1, 2, 0, 1, 2, 0, 1]
const even = [0, 1, 0, 1, 0, 1, 0, 1]
const raw = new LpDistance({ normalizeEmbeddings: false })

const sparse = new SparseCentersRegularizer({ numClasses: 8, centersPerClass: 3 })
const regularizers = { embeddingRegularizer: new CenterInvariantRegularizer(), weightRegularizer: new RegularFaceRegularizer(), embeddingRegWeight: 0.1 }

/** What a loss is exempt from, and why. */
interface Exceptions {
  /** Other labels than {@link mixed}: it wants classes of one size, or none. */
  readonly labels?: readonly number[] | undefined
  /** Parts of it count as constants, by definition: its gradient is not that of its value. */
  readonly constantParts?: true
  /** It takes the first pair of a class. */
  readonly goesByOrder?: true
  /** It looks at the whole batch: a selection only weighs embeddings, or is refused. */
  readonly noSelection?: true
  readonly noReferences?: true
  /** It changes its weights before it uses them, and gives the gradient at what they become. */
  readonly weightsMove?: true
}

const list: readonly (readonly [string, MetricLoss, Exceptions?])[] = [
  ['TripletMarginLoss', new all.TripletMarginLoss({ margin: 0.3 })],
  ['TripletMarginLoss, swap and smooth', new all.TripletMarginLoss({ margin: 0.3, swap: true, smoothLoss: true })],
  ['TripletMarginLoss of cosines', new all.TripletMarginLoss({ distance: new CosineSimilarity(), reducer: new MeanReducer() })],
  ['ContrastiveLoss', new all.ContrastiveLoss({ posMargin: 0.1, negMargin: 1.2 })],
  ['ContrastiveLoss of raw distances, p = 3', new all.ContrastiveLoss({ distance: new LpDistance({ p: 3, normalizeEmbeddings: false }) })],
  ['MultiSimilarityLoss', new all.MultiSimilarityLoss()],
  ['MultiSimilarityLoss of raw distances', new all.MultiSimilarityLoss({ distance: raw })],
  ['NTXentLoss', new all.NTXentLoss()],
  ['NTXentLoss of raw distances', new all.NTXentLoss({ distance: raw, temperature: 0.5 })],
  ['SupConLoss', new all.SupConLoss()],
  ['CircleLoss', new all.CircleLoss(), { constantParts: true }],
  ['LiftedStructureLoss', new all.LiftedStructureLoss()],
  ['GeneralizedLiftedStructureLoss', new all.GeneralizedLiftedStructureLoss()],
  ['MarginLoss', new all.MarginLoss({ learnBeta: true, nu: 0.1, numClasses: 9 })],
  ['AngularLoss', new all.AngularLoss()],
  ['AngularLoss, all normalised', new all.AngularLoss({ normalizeNegatives: true })],
  ['TupletMarginLoss', new all.TupletMarginLoss({ scale: 8 })],
  ['NCALoss', new all.NCALoss(), { noSelection: true }],
  ['NPairsLoss', new all.NPairsLoss(), { goesByOrder: true, noReferences: true }],
  ['IntraPairVarianceLoss', new all.IntraPairVarianceLoss()],
  ['FastAPLoss', new all.FastAPLoss(), { noSelection: true, noReferences: true }],
  ['HistogramLoss', new all.HistogramLoss({ nBins: 10 }), { noReferences: true }],
  ['RankedListLoss', new all.RankedListLoss({ margin: 0.4, Tn: 2 }), { noSelection: true, noReferences: true }],
  ['RankedListLoss of raw distances', new all.RankedListLoss({ margin: 0.4, Tn: 2, Tp: 1, distance: raw }), { noSelection: true, noReferences: true }],
  ['PNPLoss', new all.PNPLoss({ anneal: 0.2 }), { noSelection: true, noReferences: true }],
  ['PNPLoss, Dq', new all.PNPLoss({ variant: 'Dq', anneal: 0.2 }), { noSelection: true, noReferences: true }],
  ['SmoothAPLoss', new all.SmoothAPLoss({ temperature: 0.1 }), { labels: even, noSelection: true, noReferences: true }],
  ['SignalToNoiseRatioContrastiveLoss', new all.SignalToNoiseRatioContrastiveLoss()],
  ['ThresholdConsistentMarginLoss', new all.ThresholdConsistentMarginLoss()],
  ['VICRegLoss', new all.VICRegLoss(), { labels: undefined, noSelection: true, noReferences: true }],
  ['DynamicSoftMarginLoss', new all.DynamicSoftMarginLoss({ momentum: 1 })],
  ['DynamicSoftMarginLoss without labels', new all.DynamicSoftMarginLoss({ momentum: 1 }), { labels: undefined, noSelection: true, noReferences: true }],
]

const classes = { numClasses: 8, embeddingSize: dim }
const alone: Exceptions = { noSelection: true, noReferences: true }
const ofClasses: readonly (readonly [string, MetricLoss, Exceptions])[] = [
  ['ArcFaceLoss', new all.ArcFaceLoss({ ...classes, scale: 8 }), alone],
  ['CosFaceLoss', new all.CosFaceLoss({ ...classes, scale: 8 }), alone],
  ['LargeMarginSoftmaxLoss', new all.LargeMarginSoftmaxLoss(classes), alone],
  ['SphereFaceLoss', new all.SphereFaceLoss({ ...classes, margin: 3 }), alone],
  ['SubCenterArcFaceLoss', new all.SubCenterArcFaceLoss({ ...classes, scale: 8 }), alone],
  ['NormalizedSoftmaxLoss', new all.NormalizedSoftmaxLoss({ ...classes, temperature: 0.5 }), alone],
  ['NormalizedSoftmaxLoss of raw distances', new all.NormalizedSoftmaxLoss({ ...classes, distance: raw }), alone],
  ['ProxyAnchorLoss', new all.ProxyAnchorLoss({ ...classes, alpha: 8 }), alone],
  ['ProxyNCALoss', new all.ProxyNCALoss(classes), alone],
  ['SoftTripleLoss, sparse', new all.SoftTripleLoss({ ...classes, centersPerClass: 3, weightRegularizer: sparse }), alone],
  ['CosFaceLoss, regularized', new all.CosFaceLoss({ ...classes, scale: 8, ...regularizers }), alone],
  ['P2SGradLoss', new all.P2SGradLoss({ descriptorsDim: dim, numClasses: 8 }), { ...alone, weightsMove: true }],
  ['ManifoldLoss', new all.ManifoldLoss({ l: dim, K: 8 }), alone],
  ['InstanceLoss', new all.InstanceLoss({ gamma: 4 }), { ...alone, goesByOrder: true }],
  ['InstanceLoss, own targets', new all.InstanceLoss({ gamma: 4, targets: 'own' }), alone],
]

const losses = [...list, ...ofClasses].map(([name, loss, exceptions = {}]) => ({ name, loss, exceptions }))

type MaybeLabels = readonly number[] | undefined
const labelsOf = (exceptions: Exceptions): MaybeLabels => ('labels' in exceptions ? exceptions.labels : mixed)
const ofTriplets = (loss: MetricLoss): boolean => ['TripletMarginLoss', 'MarginLoss', 'DynamicSoftMarginLoss'].includes(loss.name)

const gradient = (loss: MetricLoss, x: tf.Tensor2D, of: MaybeLabels, options: ComputeOptions = {}) =>
  tf.grad((at: tf.Tensor) => loss.compute(at as tf.Tensor2D, of, options))(x)
const expectClose = (actual: tf.Tensor, expected: tf.Tensor, digits = 5) =>
  actual.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected.dataSync()[i]!, digits))
const permuted = <T>(list: readonly T[], order: readonly number[]): T[] => order.map((i) => list[i]!)

describe.each(losses)('$name', ({ loss, exceptions }) => {
  const labels = labelsOf(exceptions)

  afterEach(() => void vi.restoreAllMocks())

  it.skipIf(exceptions.constantParts)('has the gradient that finite differences give', () => {
    const step = 2e-3
    const analytic = gradient(loss, embeddings, labels).dataSync()
    const shifted = (i: number, by: number) =>
      loss.compute(tf.tensor2d(values.map((v, j) => (i === j ? v + by : v)), [rows, dim]), labels).arraySync()
    values.forEach((_v, i) => {
      const numeric = (shifted(i, step) - shifted(i, -step)) / (2 * step)
      expect(Math.abs(analytic[i]! - numeric)).toBeLessThan(2e-3 + 0.03 * Math.abs(numeric))
    })
  })

  it.skipIf(exceptions.weightsMove)('has the gradients of its weights that finite differences give', () => {
    const step = 2e-3
    for (const weight of loss.parameters.values()) {
      const start = tf.clone(weight as tf.Tensor)
      const f = (_x: tf.Tensor, _w: tf.Tensor) => loss.compute(embeddings, labels)
      const analytic = tf.grads(f)([embeddings, weight])[1]!.dataSync()
      const shifted = (i: number, by: number) => {
        weight.assign(tf.tensor(start.dataSync().map((v, j) => (i === j ? v + by : v)), start.shape))
        return loss.compute(embeddings, labels).arraySync()
      }
      analytic.forEach((slope, i) => {
        const numeric = (shifted(i, step) - shifted(i, -step)) / (2 * step)
        expect(Math.abs(slope - numeric)).toBeLessThan(2e-3 + 0.03 * Math.abs(numeric))
      })
      weight.assign(start)
    }
  })

  it.skipIf(exceptions.goesByOrder)('does not care about the order of the batch', () => {
    const order = [5, 2, 7, 0, 3, 6, 1, 4]
    const shuffled = tf.gather(embeddings, order)
    const shuffledLabels = labels && permuted(labels, order)
    expectClose(loss.compute(shuffled, shuffledLabels), loss.compute(embeddings, labels))
    expectClose(gradient(loss, shuffled, shuffledLabels), tf.gather(gradient(loss, embeddings, labels), order))
  })

  it.each([
    ['duplicates', tf.tile(tf.tensor2d([[1, -2, 0.5, 1]]), [rows, 1]), labels],
    ['one class', embeddings, labels?.map(() => 3)],
    ['classes all distinct', embeddings, labels?.map((_l, i) => i)],
    ['a single sample', tf.slice(embeddings, 0, 1), labels && [2]],
    ['zero vectors', tf.zerosLike(embeddings), labels],
    ['embeddings of norm 1e4', tf.mul<tf.Tensor2D>(embeddings, 1e4), labels],
  ] as [string, tf.Tensor2D, MaybeLabels][])('is finite, gradient included, on %s', (_case, x, of) => {
    expect(Number.isFinite(loss.compute(x, of).arraySync())).toBe(true)
    expect(gradient(loss, x, of).dataSync().every(Number.isFinite)).toBe(true)
  })

  it('leaves one tensor behind, and none when it fails', () => {
    const before = tf.memory().numTensors
    loss.compute(embeddings, labels).dispose()
    gradient(loss, embeddings, labels).dispose()
    if (labels) expect(() => loss.compute(embeddings, [0, 1])).toThrow('one label for each of the 8 rows')
    const terms = loss.terms(embeddings, labels)
    tf.dispose(Object.values(terms).flatMap(({ values, weights, divisor }) => [values, weights, divisor]).filter((tensor) => tensor !== undefined))
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

  it.skipIf(!labels)('takes relations that were worked out before', () => {
    const relations = new LabelRelations(labels!)
    expectClose(loss.compute(embeddings, relations), loss.compute(embeddings, labels), 7)
    relations.dispose()
  })
})

describe.each(losses.filter(({ exceptions }) => !exceptions.noSelection))('$name', ({ loss }) => {
  it('gives the same for all pairs or triplets, dense, as indices, and by default', async () => {
    const relations = new LabelRelations(mixed)
    const everything = ofTriplets(loss) ? selectAllTriplets(relations) : selectAllPairs(relations)
    for (const selection of [everything, await indicesFromSelection(everything)]) {
      expectClose(loss.compute(embeddings, mixed, { selection }), loss.compute(embeddings, mixed))
      expectClose(gradient(loss, embeddings, mixed, { selection }), gradient(loss, embeddings, mixed))
    }
  })

  it('refuses a selection of another shape, and rows outside the batch', () => {
    const other = selectAllPairs(new LabelRelations([0, 0, 1]))
    expect(() => loss.compute(embeddings, mixed, { selection: other })).toThrow('`selection.positive` of shape [8, 8], got [3, 3]')
    const outside = { anchor: [0], positive: [9], negative: [1] }
    expect(() => loss.compute(embeddings, mixed, { selection: outside })).toThrow('in [0, 8), got 9')
  })
})

describe.each(losses.filter(({ exceptions }) => !exceptions.noReferences))('$name', ({ loss }) => {
  it('gives the same for a batch as references of the same set', () => {
    const references = { refEmbeddings: tf.clone(embeddings), refLabels: mixed, sameSet: true }
    expectClose(loss.compute(embeddings, mixed, { references }), loss.compute(embeddings, mixed))
  })
})
