import * as tf from '@tensorflow/tfjs-core'
import { OptionError, Random, type Loss } from '@metric-learning/contracts'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { reachableFields, relationsOf, Scheduled, stepCompiler, type StepFunction } from '@metric-learning/ops'
import { ThresholdReducer } from '@metric-learning/reducers'
import { LpRegularizer, RegularFaceRegularizer } from '@metric-learning/regularizers'
import { describe, expect, it } from 'vitest'
import * as exported from './index.js'

type Options = Readonly<Record<string, unknown>>
type Make = (options?: Options) => Loss

/** How a loss is made, and two values of each option that may be scheduled. */
interface Tried {
  readonly make: Make
  readonly values: Readonly<Record<string, readonly [number, number]>>
  /** Compares the halves of the batch, without labels. */
  readonly views?: true
  /** Puts buffers where the options make a difference. */
  readonly prepare?: (loss: Loss) => void
}

const labels = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]
const relations = relationsOf(labels)
const dim = 4
const random = new Random(3)
const embeddings = tf.tensor2d(Float32Array.from({ length: labels.length * dim }, () => random.normal()), [labels.length, dim])
const classes = { numClasses: 3, embeddingSize: dim }

/** Every loss is made by its class, from these options and those that are tried. */
const tried = (name: string, values: Tried['values'], fixed: Options = {}): Tried => ({
  make: (options) => new (exported as unknown as Record<string, new (options: Options) => Loss>)[name]!({ ...fixed, ...options }),
  values,
})

const cases: Readonly<Record<string, Tried>> = {
  'AngularLoss': tried('AngularLoss', { alpha: [40, 20] }),
  'ArcFaceLoss': tried('ArcFaceLoss', { margin: [28.6, 10], scale: [8, 16], labelSmoothing: [0, 0.2] }, classes),
  'CircleLoss': tried('CircleLoss', { m: [0.4, 0.25], gamma: [8, 16] }),
  'ContrastiveLoss': tried('ContrastiveLoss', { posMargin: [0, 0.5], negMargin: [1.5, 1] }),
  'ContrastiveLoss of cosines': tried('ContrastiveLoss', { posMargin: [1, 0.5], negMargin: [0, -0.3] }, { distance: new CosineSimilarity() }),
  'ContrastiveLoss, regularized': tried('ContrastiveLoss', { embeddingRegWeight: [1, 0.25] }, { embeddingRegularizer: new LpRegularizer() }),
  'CosFaceLoss': tried('CosFaceLoss', { margin: [0.35, 0.1], scale: [8, 16], labelSmoothing: [0, 0.2] }, classes),
  'CosFaceLoss, regularized': tried('CosFaceLoss', { weightRegWeight: [1, 0.25] }, { ...classes, weightRegularizer: new RegularFaceRegularizer() }),
  'CrossBatchMemory': tried('CrossBatchMemory', {}, { loss: new exported.ContrastiveLoss(), embeddingSize: dim, memorySize: 12 }),
  'CrossBatchMemory of a scheduled loss': {
    make: ({ negMargin = 1.5, ...rest } = {}) =>
      new exported.CrossBatchMemory({ loss: new exported.ContrastiveLoss({ negMargin: negMargin as number }), embeddingSize: dim, memorySize: 12, ...rest }),
    values: { negMargin: [1.5, 1] },
  },
  'CrossEntropyLoss': tried('CrossEntropyLoss', { labelSmoothing: [0, 0.2] }, { numClasses: dim }),
  'CrossEntropyLoss, weighted': tried('CrossEntropyLoss', { labelSmoothing: [0.1, 0.7] }, { numClasses: dim, weight: [1, 5, 0.5, 1] }),
  'DynamicSoftMarginLoss': {
    ...tried('DynamicSoftMarginLoss', { momentum: [0.5, 0.1] }),
    prepare: ({ buffers }) => buffers!.get('histogram')!.assign(tf.softmax(tf.linspace(0, 2, 10))),
  },
  'FastAPLoss': tried('FastAPLoss', {}),
  'GeneralizedLiftedStructureLoss': tried('GeneralizedLiftedStructureLoss', { posMargin: [0, 0.5], negMargin: [1, 2] }),
  'HistogramLoss': tried('HistogramLoss', {}),
  'InstanceLoss': tried('InstanceLoss', { gamma: [4, 8] }),
  'IntraPairVarianceLoss': tried('IntraPairVarianceLoss', { posEps: [0.01, 0.3], negEps: [0.01, 0.3] }),
  'IntraPairVarianceLoss of distances': tried('IntraPairVarianceLoss', { posEps: [0.01, 0.3], negEps: [0.01, 0.3] }, { distance: new LpDistance() }),
  'LargeMarginSoftmaxLoss': tried('LargeMarginSoftmaxLoss', { scale: [1, 2] }, classes),
  'LiftedStructureLoss': tried('LiftedStructureLoss', { posMargin: [0, 0.5], negMargin: [1, 2] }),
  'ManifoldLoss': tried('ManifoldLoss', { lambdaC: [1, 0.25], margin: [0.1, 0.2] }, { l: dim, K: 3 }),
  'MarginLoss': tried('MarginLoss', { margin: [0.2, 0.4], beta: [1.2, 0.8] }),
  'MarginLoss, β learnt': tried('MarginLoss', { margin: [0.2, 0.4], nu: [0.1, 1] }, { learnBeta: true, numClasses: 3 }),
  'MarginLoss of drawn triplets': tried('MarginLoss', { margin: [0.2, 0.4], beta: [1.2, 0.8] }, { tripletsPerAnchor: 5 }),
  'MultipleLosses': {
    make: ({ weight = 1 } = {}) =>
      new exported.MultipleLosses({ losses: [new exported.NTXentLoss(), new exported.CircleLoss()], weights: [weight as number, 2] }),
    values: { weight: [1, 0.25] },
  },
  'MultipleLosses of scheduled losses': {
    make: ({ margin = 0.3 } = {}) => new exported.MultipleLosses({ losses: { triplets: new exported.TripletMarginLoss({ margin: margin as number }) } }),
    values: { margin: [0.3, 0.6] },
  },
  'MultiSimilarityLoss': tried('MultiSimilarityLoss', { alpha: [2, 4], beta: [5, 10], base: [0.5, 0.2] }),
  'NCALoss': tried('NCALoss', { softmaxScale: [1, 2] }),
  'NCALoss of cosines': tried('NCALoss', { softmaxScale: [1, 2] }, { distance: new CosineSimilarity() }),
  'NormalizedSoftmaxLoss': tried('NormalizedSoftmaxLoss', { temperature: [0.5, 0.1], labelSmoothing: [0, 0.2] }, classes),
  'NPairsLoss': tried('NPairsLoss', {}),
  'NTXentLoss': tried('NTXentLoss', { temperature: [0.5, 0.1] }),
  'NTXentLoss of distances': tried('NTXentLoss', { temperature: [0.5, 0.1] }, { distance: new LpDistance() }),
  'P2SGradLoss': tried('P2SGradLoss', {}, { descriptorsDim: dim, numClasses: 3 }),
  'PNPLoss': tried('PNPLoss', { anneal: [0.1, 0.3] }),
  'PNPLoss, Dq': tried('PNPLoss', { alpha: [1, 3] }, { variant: 'Dq', anneal: 0.1 }),
  'PNPLoss, Ib': tried('PNPLoss', { b: [2, 3] }, { variant: 'Ib', anneal: 0.1 }),
  'ProxyAnchorLoss': tried('ProxyAnchorLoss', { margin: [0.1, 0.5], alpha: [8, 16] }, classes),
  'ProxyNCALoss': tried('ProxyNCALoss', { softmaxScale: [1, 2], labelSmoothing: [0, 0.2] }, classes),
  'RankedListLoss': tried('RankedListLoss', { margin: [0.4, 0.8], Tn: [2, 4], Tp: [0, 1], imbalance: [0.5, 0.2], alpha: [1.2, 1] }, { margin: 0.4, Tn: 2 }),
  'SelfSupervisedLoss': { ...tried('SelfSupervisedLoss', {}, { loss: new exported.NTXentLoss() }), views: true },
  'SelfSupervisedLoss of a scheduled loss': {
    make: ({ temperature = 0.5 } = {}) => new exported.SelfSupervisedLoss({ loss: new exported.NTXentLoss({ temperature: temperature as number }) }),
    values: { temperature: [0.5, 0.1] },
    views: true,
  },
  'SignalToNoiseRatioContrastiveLoss': tried('SignalToNoiseRatioContrastiveLoss', { posMargin: [0, 0.5], negMargin: [4, 3] }),
  'SmoothAPLoss': tried('SmoothAPLoss', { temperature: [0.1, 0.3] }),
  'SoftTripleLoss': tried('SoftTripleLoss', { la: [20, 10], gamma: [0.1, 0.3], margin: [0.01, 0.2] }, { ...classes, centersPerClass: 2 }),
  'SphereFaceLoss': tried('SphereFaceLoss', { scale: [1, 2] }, classes),
  'SubCenterArcFaceLoss': tried('SubCenterArcFaceLoss', { margin: [28.6, 10], scale: [8, 16], labelSmoothing: [0, 0.2] }, classes),
  'SupConLoss': tried('SupConLoss', { temperature: [0.5, 0.1] }),
  'SupConLoss of distances': tried('SupConLoss', { temperature: [0.5, 0.1] }, { distance: new LpDistance() }),
  'ThresholdConsistentMarginLoss': tried('ThresholdConsistentMarginLoss', {
    lambdaPlus: [1, 2], lambdaMinus: [1, 2], marginPlus: [0.9, 0.5], marginMinus: [0.5, 0.1],
  }),
  'TripletMarginLoss': tried('TripletMarginLoss', { margin: [0.3, 0.6] }),
  'TripletMarginLoss, reduced between bounds': {
    make: ({ low = 0.1, high = 1.5 } = {}) => new exported.TripletMarginLoss({ margin: 0.5, reducer: new ThresholdReducer({ low: low as number, high: high as number }) }),
    values: { low: [0.1, 0.8], high: [1.5, 0.7] },
  },
  'TripletMarginLoss of cosines, swap and smooth': tried('TripletMarginLoss', { margin: [0.3, 0.6] }, { distance: new CosineSimilarity(), swap: true, smoothLoss: true }),
  'TripletMarginLoss of drawn triplets': tried('TripletMarginLoss', { margin: [0.3, 0.6] }, { tripletsPerAnchor: 5 }),
  'TupletMarginLoss': tried('TupletMarginLoss', { margin: [5.73, 20], scale: [8, 16] }),
  'VICRegLoss': {
    ...tried('VICRegLoss', { invarianceLambda: [25, 10], varianceMu: [25, 10], covarianceV: [1, 3], eps: [1e-4, 0.1] }),
    views: true,
  },
}

const compile = stepCompiler()

/** The value of a loss and its gradient. */
function stepOf(loss: Loss, views: true | undefined): StepFunction {
  const compute = (x: tf.Tensor): tf.Scalar => {
    if (!views) return loss.compute(x as tf.Tensor2D, relations)
    const [first, refEmbeddings] = tf.split(x, 2) as [tf.Tensor2D, tf.Tensor2D]
    return loss.compute(first, undefined, { references: { refEmbeddings } })
  }
  return (x) => {
    const { value, grad } = tf.valueAndGrad(compute)(x!)
    return [value, grad]
  }
}

function expectClose(what: string, [value, gradient]: readonly tf.Tensor[], [wanted, wantedGradient]: readonly tf.Tensor[]): void {
  const at = wanted!.dataSync()[0]!
  expect(Math.abs(value!.dataSync()[0]! - at), `${what}: ${value!.dataSync()[0]} for ${at}`).toBeLessThanOrEqual(2e-6 * (1 + Math.abs(at)))
  const slopes = wantedGradient!.dataSync()
  gradient!.dataSync().forEach((slope, i) => {
    expect(Math.abs(slope - slopes[i]!), `${what}, gradient ${i}`).toBeLessThanOrEqual(1e-5 * (1 + Math.abs(slopes[i]!)))
  })
}

const isLoss = ([, value]: [string, unknown]) => typeof value === 'function' && 'compute' in ((value.prototype ?? {}) as object)

describe('Scheduled options', () => {
  it('are tried of every loss', () => {
    const names = Object.entries(exported as object).filter(isLoss).map(([name]) => name)
    expect(names.filter((name) => !(name in cases))).toEqual([])
  })

  const all = Object.entries(cases).flatMap(([name, { values }]) => Object.entries(values).map(([option, pair]) => [name, option, pair] as const))

  it.each(all)('%s takes %s as it changes, in one graph', (name, option, [first, second]) => {
    const { make, views, prepare } = cases[name]!
    const scheduled = new Scheduled(first, option)
    const loss = make({ [option]: scheduled })
    if (option in loss) expect((loss as unknown as Options)[option]).toBe(scheduled)
    // A run saves, logs and guards what it finds so.
    expect([...reachableFields({ loss })].filter(({ value }) => value === scheduled), 'the number among its public fields').not.toEqual([])
    prepare?.(loss)
    const buffers = [...(loss.buffers ?? new Map<string, tf.Variable>()).values()].map((buffer) => [buffer, tf.clone(buffer as tf.Tensor)] as const)
    let runs = 0
    const step = stepOf(loss, views)
    const counted: StepFunction = (...inputs) => {
      runs += 1
      return step(...inputs)
    }
    const compiled = compile?.(counted, { name, fallback: 'throw' })
    const seen = new Set<string>()
    for (const value of [first, first, first, second, (first + second) / 2, first]) {
      scheduled.value = value
      for (const [buffer, before] of buffers) buffer.assign(before)
      const got = (compiled ?? counted)(embeddings, ...relations.tensors)
      const plain = make({ [option]: value })
      prepare?.(plain)
      expectClose(`${option} ${value}`, got, stepOf(plain, views)(embeddings))
      seen.add(got[0]!.dataSync()[0]!.toPrecision(4))
    }
    expect(seen.size, 'different values of the loss').toBe(3)
    // Two to capture it, and one that is compared with the graph.
    if (compiled) expect(runs, 'runs that were recorded').toBe(3)
    compiled?.dispose()
  })

  it.each(Object.keys(cases).filter((name) => !name.includes('reduced')))('%s refuses other numbers that are scheduled, so that none is frozen', (name) => {
    const { make, values } = cases[name]!
    const base = name.split(/[ ,]/)[0]!
    const elsewhere = Object.entries(cases).flatMap(([other, each]) => (other.startsWith(base) ? Object.keys(each.values) : []))
    const common = ['embeddingRegWeight', 'weightRegWeight']
    const fields = Object.entries(make()).filter(([field, value]) => typeof value === 'number' && ![...elsewhere, ...common, ...Object.keys(values)].includes(field))
    for (const [field, value] of fields) {
      const scheduled = new Scheduled(value as number, field)
      expect(() => make({ [field]: scheduled }), field).toThrow(OptionError)
      scheduled.dispose()
    }
  })

  it.each([
    ['ArcFaceLoss', 'margin', 200, 'at most 180'],
    ['MultiSimilarityLoss', 'base', 45, 'in units of a cosine'],
    ['TripletMarginLoss', 'margin', NaN, 'a number, got NaN'],
    ['NTXentLoss', 'temperature', 0, '`temperature` to be a number above 0'],
    ['ContrastiveLoss, regularized', 'embeddingRegWeight', Infinity, 'a number, got Infinity'],
  ])('hold each later value to their range: %s, %s', (name, option, value, message) => {
    const { make, values } = cases[name]!
    const scheduled = new Scheduled(values[option]![0], option)
    make({ [option]: scheduled })
    expect(() => (scheduled.value = value)).toThrow(message)
    expect(scheduled.value).toBe(values[option]![0])
  })

  it('let an angle grow from 0, past what looks like radians at the start', () => {
    const margin = new Scheduled(0)
    new exported.ArcFaceLoss({ ...classes, margin })
    for (const value of [0.3, 0.9, 28.6]) margin.value = value
    const radians = new Scheduled(0.5)
    expect(() => new exported.ArcFaceLoss({ ...classes, margin: radians })).toThrow('If 0.5 is in radians, pass 28.6')
    tf.dispose([margin.tensor, radians.tensor])
  })

  it('say why where they cannot be', () => {
    const scheduled = new Scheduled(1)
    const refuses = (make: () => unknown, what: string) => expect(make).toThrow(`wanted \`${what}\` to be a plain number, got one that is scheduled`)
    refuses(() => new exported.MarginLoss({ learnBeta: true, beta: scheduled }), 'beta')
    refuses(() => new LpDistance({ power: scheduled as never }), 'power')
    refuses(() => new exported.SphereFaceLoss({ ...classes, margin: scheduled as never }), 'margin')
    refuses(() => new exported.ManifoldLoss({ l: 4, alpha: scheduled as never }), 'alpha')
  })

  it('follow a margin that changes where they follow from it', () => {
    const margin = new Scheduled(0.4)
    const loss = new exported.RankedListLoss({ margin, Tn: 2 })
    const expectAlpha = (alpha: number) => {
      const plain = new exported.RankedListLoss({ margin: margin.value, Tn: 2, alpha })
      expect(loss.compute(embeddings, relations).dataSync()[0]).toBeCloseTo(plain.compute(embeddings, relations).dataSync()[0]!, 5)
    }
    expectAlpha(1.2)
    margin.value = 0.8
    expectAlpha(1.4)
  })
})
