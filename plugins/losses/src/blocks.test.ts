import * as tf from '@tensorflow/tfjs-core'
import { Random, type ComputeOptions, type Loss, type PairSelection, type Selection } from '@metric-learning/contracts'
import { CosineSimilarity, LpDistance, SNRDistance } from '@metric-learning/distances'
import { FusedKernel, pairsByRule, relationsOf, Scheduled, selectAllPairs, selectAllTriplets, stepCompiler } from '@metric-learning/ops'
import * as reducers from '@metric-learning/reducers'
import { describe, expect, it, vi } from 'vitest'
import { withoutFusedKernel } from '../../../tools/test-support/without-fused-kernel.js'
import * as all from './index.js'

const blocks = vi.hoisted(() => ({ rows: Infinity, asked: 0 }))
vi.mock('@metric-learning/ops', async (original) => ({
  ...(await original<object>()),
  rowsOfBlock: () => {
    blocks.asked += 1
    return blocks.rows
  },
}))

/** What an operation of our own adds up forms no matrix, and needs no blocks: here losses are composed. */
const composed = <T>(body: () => T): T => withoutFusedKernel(FusedKernel.pairHinges, body)

function inBlocksOf<T>(rows: number, body: () => T): T {
  blocks.rows = rows
  blocks.asked = 0
  try {
    const result = composed(body)
    expect(blocks.asked, 'how many rows a block has').toBeGreaterThan(0)
    return result
  } finally {
    blocks.rows = Infinity
  }
}

const labels = [0, 1, 2, 0, 1, 2, 0, 1, 2]
const random = new Random(5)
const embeddings = tf.tensor2d(Float32Array.from({ length: 36 }, () => random.normal()), [9, 4])
const refEmbeddings = tf.tensor2d(Float32Array.from({ length: 28 }, () => random.normal()), [7, 4])
const relations = relationsOf(labels)
const references = { refEmbeddings, refLabels: [0, 1, 2, 2, 1, 0, 0] }

class LargestReducer extends reducers.SelectionReducer {
  constructor() {
    super('LargestReducer')
  }
  protected reduceSelected({ values, weights }: reducers.UnreducedTerm) {
    return tf.max(reducers.whereSelected(values, weights)) as tf.Scalar
  }
}

const scheduled = (value: number) => new Scheduled(value)
const triplets = (reducer: all.TripletMarginLossOptions['reducer']) => new all.TripletMarginLoss({ margin: 0.3, ...(reducer && { reducer }) })
const rule: Selection = {
  kind: 'tripletRule',
  positiveIndex: relations.positiveIndex,
  referenceCount: labels.length,
  constants: [relations.positiveIndexMask, relations.negatives()],
  whole: [tf.scalar(2)],
  weights: ({ constants: [positives, negatives], whole: [factor] }) => tf.mul(tf.mul(tf.expandDims(positives!, 2), tf.expandDims(negatives!, 1)), factor!),
}
/** Pairs by a rule, positive ones of weight 2, and no negatives of class 1. */
const pairRuleOf = (of: typeof relations) => pairsByRule({
  referenceCount: of.referenceCount,
  constants: [of.queryLabelTensor],
  whole: [of.referenceLabelTensor, tf.scalar(2)],
  weights: ({ constants: [rows], whole: [columns, factor], start }) => {
    const isSame = tf.equal(tf.expandDims(rows!, 1), tf.expandDims(columns!, 0))
    const isSelf = tf.equal(tf.expandDims(tf.range(start, start + rows!.shape[0]!, 1, 'int32'), 1), tf.range(0, columns!.shape[0]!, 1, 'int32'))
    const isNegative = tf.logicalAnd(tf.logicalNot(isSame), tf.notEqual(tf.expandDims(rows!, 1), tf.scalar(1, 'int32')))
    return { positive: tf.mul(tf.cast(tf.logicalAnd(isSame, tf.logicalNot(isSelf)), 'float32'), factor!), negative: tf.cast(isNegative, 'float32') as tf.Tensor2D }
  },
})
const pairRule = pairRuleOf(relations)
const cases: Readonly<Record<string, [create: () => Loss, options?: ComputeOptions]>> = {
  'AngularLoss': [() => new all.AngularLoss()],
  'AngularLoss against references': [() => new all.AngularLoss(), { references }],
  'CircleLoss': [() => new all.CircleLoss({ gamma: 4 })],
  'ContrastiveLoss, p = 3': [() => new all.ContrastiveLoss({ distance: new LpDistance({ p: 3 }) })],
  'ContrastiveLoss': [() => new all.ContrastiveLoss()],
  'ContrastiveLoss of triplets, by anchor': [() => new all.ContrastiveLoss({ reducer: new reducers.PerAnchorReducer() }), { selection: selectAllTriplets(relations) }],
  'ContrastiveLoss against references, weighed classes': [() => new all.ContrastiveLoss({ reducer: new reducers.ClassWeightedReducer({ weights: [1, 2, 0.5] }) }), { references }],
  'ContrastiveLoss of triplets by a rule': [() => new all.ContrastiveLoss(), { selection: rule }],
  'ContrastiveLoss of pairs by a rule': [() => new all.ContrastiveLoss(), { selection: pairRule }],
  'MultiSimilarityLoss of pairs by a rule': [() => new all.MultiSimilarityLoss(), { selection: pairRule }],
  'NTXentLoss of pairs by a rule': [() => new all.NTXentLoss({ temperature: 0.5 }), { selection: pairRule }],
  'NCALoss of pairs by a rule': [() => new all.NCALoss(), { selection: pairRule }],
  'TripletMarginLoss of pairs by a rule': [() => triplets(undefined), { selection: pairRule }],
  'TripletMarginLoss of triplets by a rule': [() => triplets(undefined), { selection: rule }],
  'MarginLoss of triplets by a rule': [() => new all.MarginLoss({ learnBeta: true, nu: 0.1 }), { selection: rule }],
  'DynamicSoftMarginLoss of triplets by a rule': [() => new all.DynamicSoftMarginLoss(), { selection: rule }],
  'DynamicSoftMarginLoss': [() => new all.DynamicSoftMarginLoss()],
  'DynamicSoftMarginLoss, detached': [() => new all.DynamicSoftMarginLoss({ detachHistogram: true })],
  'FastAPLoss': [() => new all.FastAPLoss()],
  'GeneralizedLiftedStructureLoss': [() => new all.GeneralizedLiftedStructureLoss()],
  'IntraPairVarianceLoss': [() => new all.IntraPairVarianceLoss({ posEps: 0.2, negEps: 0.2 })],
  'LiftedStructureLoss': [() => new all.LiftedStructureLoss()],
  'LiftedStructureLoss of triplets': [() => new all.LiftedStructureLoss({ countRepeats: true }), { selection: selectAllTriplets(relations) }],
  'LiftedStructureLoss against references': [() => new all.LiftedStructureLoss(), { references }],
  'MarginLoss': [() => new all.MarginLoss()],
  'MarginLoss with one β': [() => new all.MarginLoss({ learnBeta: true, nu: 0.1 })],
  'MarginLoss with a β a class': [() => new all.MarginLoss({ learnBeta: true, nu: 0.1, numClasses: 3 })],
  'MultiSimilarityLoss': [() => new all.MultiSimilarityLoss()],
  'NCALoss': [() => new all.NCALoss()],
  'NTXentLoss': [() => new all.NTXentLoss({ temperature: 0.5 })],
  'NTXentLoss against references': [() => new all.NTXentLoss({ temperature: 0.5 }), { references }],
  'PNPLoss': [() => new all.PNPLoss({ anneal: 0.2 })],
  'RankedListLoss': [() => new all.RankedListLoss({ margin: 0.4, Tn: 2 })],
  'Scheduled AngularLoss': [() => new all.AngularLoss({ alpha: scheduled(45) })],
  'Scheduled CircleLoss': [() => new all.CircleLoss({ gamma: scheduled(4), m: scheduled(0.3) })],
  'Scheduled NCALoss': [() => new all.NCALoss({ softmaxScale: scheduled(0.7) })],
  'Scheduled NTXentLoss': [() => new all.NTXentLoss({ temperature: scheduled(0.5), distance: new LpDistance() })],
  'Scheduled RankedListLoss': [() => new all.RankedListLoss({ margin: scheduled(0.4), Tn: scheduled(2) })],
  'Scheduled SmoothAPLoss': [() => new all.SmoothAPLoss({ temperature: scheduled(0.1) })],
  'Scheduled SupConLoss': [() => new all.SupConLoss({ temperature: scheduled(0.5), distance: new LpDistance() })],
  'Scheduled TupletMarginLoss': [() => new all.TupletMarginLoss({ scale: scheduled(4), margin: scheduled(10) })],
  'SignalToNoiseRatioContrastiveLoss': [() => new all.SignalToNoiseRatioContrastiveLoss()],
  'SmoothAPLoss': [() => new all.SmoothAPLoss({ temperature: 0.1 })],
  'SupConLoss': [() => new all.SupConLoss({ temperature: 0.5 })],
  'TripletMarginLoss': [() => triplets(undefined)],
  'TripletMarginLoss of cosines': [() => new all.TripletMarginLoss({ distance: new CosineSimilarity(), margin: 0.3 })],
  'TripletMarginLoss, swap and smooth': [() => new all.TripletMarginLoss({ swap: true, smoothLoss: true })],
  'TripletMarginLoss, swap among references': [() => new all.TripletMarginLoss({ swap: true, margin: 0.3 }), { references }],
  'TripletMarginLoss of pairs': [() => triplets(undefined), { selection: selectAllPairs(relations) }],
  'TripletMarginLoss of triplets': [() => triplets(undefined), { selection: selectAllTriplets(relations) }],
  'TripletMarginLoss, mean': [() => triplets(new reducers.MeanReducer())],
  'TripletMarginLoss, sum': [() => triplets(new reducers.SumReducer())],
  'TripletMarginLoss, threshold': [() => triplets(new reducers.ThresholdReducer({ low: 0.1, high: 0.5 }))],
  'TripletMarginLoss, weighed classes': [() => triplets(new reducers.ClassWeightedReducer({ weights: [1, 2, 0.5] }))],
  'TripletMarginLoss, multiple': [() => triplets(new reducers.MultipleReducers({ reducers: { loss: new reducers.SumReducer() } }))],
  'TripletMarginLoss, a reducer that knows no blocks': [() => triplets(new LargestReducer())],
  'TupletMarginLoss': [() => new all.TupletMarginLoss({ scale: 4 })],
}

/** The value and all gradients of a loss. */
function passed(create: () => Loss, options: ComputeOptions = {}): number[][] {
  return tf.tidy(() => {
    const loss = create()
    const x = tf.variable(embeddings)
    const variables = [x as tf.Variable, ...loss.parameters.values()]
    const { value, grads } = tf.variableGrads(() => loss.compute(x as tf.Tensor2D, labels, options), variables)
    const numbers = [value, ...variables.map(({ name }) => grads[name]!)].map((tensor) => [...tensor.dataSync()])
    tf.dispose(variables)
    return numbers
  })
}

function expectNear(got: readonly number[][], wanted: readonly number[][]): void {
  expect(got.length).toBe(wanted.length)
  got.forEach((numbers, i) => numbers.forEach((value, j) => expect(value).toBeCloseTo(wanted[i]![j]!, 5)))
}

describe.each(Object.entries(cases))('%s', (_name, [create, options]) => {
  it.each([1, 2, 5])('is the same in blocks of %d anchors', (rows) => {
    const whole = passed(create, options)
    expect(whole[1]!.some((slope) => slope !== 0)).toBe(true)
    expectNear(inBlocksOf(rows, () => passed(create, options)), whole)
  })
})

describe('Pairs by a rule', () => {
  it.each(['ContrastiveLoss', 'MultiSimilarityLoss', 'NTXentLoss', 'NCALoss', 'TripletMarginLoss'])('cost in %s as the same pairs by tables', (name) => {
    const [create, options] = cases[`${name} of pairs by a rule`]!
    const { positive, negative } = options!.selection as PairSelection
    const wanted = passed(create, { selection: { kind: 'pairs', positive, negative } })
    expectNear(passed(create, options), wanted)
    expectNear(inBlocksOf(2, () => passed(create, options)), wanted)
  })
})

describe('large batches', () => {
  const many = { embeddings: tf.randomNormal<tf.Rank.R2>([40, 2], 0, 1, 'float32', 3), labels: Int32Array.from({ length: 40 }, (_, row) => row % 20) }
  const [rows, columns] = [4, many.labels.length]

  it.each<[string, () => Loss]>([
    ['CircleLoss', () => new all.CircleLoss({ gamma: 4 })],
    ['ContrastiveLoss', () => new all.ContrastiveLoss()],
    ['GeneralizedLiftedStructureLoss', () => new all.GeneralizedLiftedStructureLoss()],
    ['MultiSimilarityLoss', () => new all.MultiSimilarityLoss()],
    ['NTXentLoss', () => new all.NTXentLoss()],
    ['SignalToNoiseRatioContrastiveLoss', () => new all.SignalToNoiseRatioContrastiveLoss({ distance: new SNRDistance({ normalizeEmbeddings: false }) })],
    ['TripletMarginLoss', () => new all.TripletMarginLoss()],
    ['TupletMarginLoss', () => new all.TupletMarginLoss()],
    ['ContrastiveLoss of pairs by a rule', () => new all.ContrastiveLoss()],
    ['TripletMarginLoss of pairs by a rule', () => new all.TripletMarginLoss()],
  ])('%s has not even the distances as a whole', async (name, create) => {
    const loss = create()
    const options = name.endsWith('rule') ? { selection: pairRuleOf(relationsOf(many.labels)) } : {}
    const gradient = () => composed(() => tf.grad((x: tf.Tensor) => loss.compute(x as tf.Tensor2D, many.labels, options))(many.embeddings))
    const largest = async (body: () => tf.Tensor) => {
      const shapes = (await tf.profile(body)).kernels.flatMap(({ outputShapes }) => outputShapes)
      // But for the 1,024 generators of random draws.
      return Math.max(...shapes.filter((shape) => !shape.includes(1024)).map((shape) => tf.util.sizeFromShape(shape)))
    }
    expect(await largest(gradient)).toBeGreaterThanOrEqual(columns ** 2)
    blocks.rows = rows
    try {
      expect(await largest(gradient)).toBeLessThanOrEqual(2 * rows * columns)
    } finally {
      blocks.rows = Infinity
    }
  })

  it('have rows at 0 from themselves, wherever their block begins', () => {
    const far = tf.add<tf.Tensor2D>(tf.mul(many.embeddings, 1e-3), 1)
    const loss = new all.ContrastiveLoss({ distance: new LpDistance({ normalizeEmbeddings: false }) })
    expectNear(inBlocksOf(rows, () => [[...loss.compute(far, many.labels).dataSync()]]), [[...loss.compute(far, many.labels).dataSync()]])
  })
})

describe('blocks of anchors', () => {
  it('give terms whole, and leave no tensor behind', () => {
    const loss = new all.MarginLoss({ learnBeta: true, numClasses: 3 })
    const before = tf.memory().numTensors
    const [whole, blocked] = [loss.terms(embeddings, labels), inBlocksOf(2, () => loss.terms(embeddings, labels))]
    expectNear([[...blocked['marginLoss']!.values.dataSync()]], [[...whole['marginLoss']!.values.dataSync()]])
    expect(blocked['marginLoss']!.divisor!.dataSync()).toEqual(whole['marginLoss']!.divisor!.dataSync())
    const tensors = [whole, blocked].flatMap((terms) => Object.values(terms).flatMap(({ values, weights, divisor }) => [values, weights, divisor]))
    tf.dispose(tensors.filter((tensor) => tensor !== undefined))
    inBlocksOf(2, () => {
      loss.compute(embeddings, labels).dispose()
    })
    expect(tf.memory().numTensors).toBe(before)
    loss.dispose()
  })

  it.runIf(stepCompiler())('compile', () => {
    const loss = new all.TripletMarginLoss({ swap: true, margin: 0.3 })
    inBlocksOf(2, () => {
      const step = stepCompiler()!((x) => [tf.grad((at: tf.Tensor) => loss.compute(at as tf.Tensor2D, relations))(x!)], { fallback: 'throw' })
      const gradients = [1, 2, 3, 4].map(() => [...step(embeddings)[0]!.dataSync()])
      expectNear(gradients, gradients.map(() => gradients[0]!))
      step.dispose()
    })
  })
})
