import * as tf from '@tensorflow/tfjs-core'
import { MetricLearningError, type ComputeOptions, type LabelRelations, type Labels, type Loss } from '@metric-learning/contracts'
import { CosineSimilarity, LpDistance, SNRDistance } from '@metric-learning/distances'
import { relationsOf, selectAllPairs } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { describe, expect, it } from 'vitest'
import { AngularLoss } from './angular-loss.js'
import { ArcFaceLoss } from './arc-face-loss.js'
import { CircleLoss } from './circle-loss.js'
import { ContrastiveLoss } from './contrastive-loss.js'
import { FastAPLoss } from './fast-ap-loss.js'
import { MarginLoss } from './margin-loss.js'
import { MultiSimilarityLoss } from './multi-similarity-loss.js'
import { NTXentLoss } from './nt-xent-loss.js'
import { ProxyAnchorLoss } from './proxy-anchor-loss.js'
import { SmoothAPLoss } from './smooth-ap-loss.js'
import { SoftTripleLoss } from './soft-triple-loss.js'
import { TripletMarginLoss } from './triplet-margin-loss.js'

const classes = { numClasses: 3, embeddingSize: 4 }
const create: Readonly<Record<string, (options?: object) => Loss>> = {
  AngularLoss: (options) => new AngularLoss(options),
  ArcFaceLoss: (options) => new ArcFaceLoss({ ...classes, ...options }),
  CircleLoss: (options) => new CircleLoss(options),
  ContrastiveLoss: (options) => new ContrastiveLoss(options),
  FastAPLoss: (options) => new FastAPLoss(options),
  MarginLoss: (options) => new MarginLoss(options),
  MultiSimilarityLoss: (options) => new MultiSimilarityLoss(options),
  NTXentLoss: (options) => new NTXentLoss(options),
  ProxyAnchorLoss: (options) => new ProxyAnchorLoss({ ...classes, ...options }),
  SmoothAPLoss: (options) => new SmoothAPLoss(options),
  SoftTripleLoss: (options) => new SoftTripleLoss({ ...classes, ...options }),
  TripletMarginLoss: (options) => new TripletMarginLoss(options),
}
const withClasses = ['ArcFaceLoss', 'ProxyAnchorLoss', 'SoftTripleLoss']
const withReferences = ['AngularLoss', 'CircleLoss', 'ContrastiveLoss', 'MarginLoss', 'MultiSimilarityLoss', 'NTXentLoss', 'TripletMarginLoss']

const labels = [0, 1, 2, 0, 1, 2]
const x = tf.tensor2d(Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)), [6, 4])
const unfit = (value: unknown) => value as never

function thrown(call: () => unknown): MetricLearningError {
  try {
    call()
  } catch (error) {
    expect(error).toBeInstanceOf(MetricLearningError)
    return error as MetricLearningError
  }
  throw new Error('nothing was thrown')
}

describe.each(Object.keys(create))('%s', (name) => {
  const loss = create[name]!()
  const refuses = (code: string, embeddings: tf.Tensor2D, given: Labels | LabelRelations, options: ComputeOptions = {}) => {
    const before = tf.memory().numTensors
    const error = thrown(() => loss.compute(embeddings, given, options))
    expect([error.code, error.parts.who.split(/[.,]/)[0]]).toEqual([code, name])
    expect(tf.memory().numTensors, 'tensors left behind').toBe(before)
    return error
  }

  it('refuses embeddings that are no matrix of finite float32 numbers', () => {
    expect(refuses('ML_SHAPE', unfit(tf.zeros([6])), labels).message).toContain('`embeddings` of shape [batch, dim], got [6]')
    refuses('ML_SHAPE', unfit(tf.zeros([6, 2, 2])), labels)
    expect(refuses('ML_SHAPE', unfit([[1, 2]]), labels).message).toContain('`embeddings` to be a tensor, got an array')
    refuses('ML_SHAPE', unfit(undefined), labels)
    expect(refuses('ML_SHAPE', tf.ones([6, 4], 'int32'), labels).message).toContain('of type float32, got int32')
    const gone = tf.ones<tf.Rank.R2>([6, 4])
    gone.dispose()
    expect(refuses('ML_SHAPE', gone, labels).message).toContain('got one that was disposed')
    refuses('ML_NOT_FINITE', tf.fill([6, 4], NaN), labels)
  })

  it('refuses labels that are not one integer a row', () => {
    expect(refuses('ML_LABELS', x, [0, 1]).message).toContain('one label for each of the 6 rows of `embeddings`, got 2')
    expect(refuses('ML_LABELS', x, unfit(undefined)).message).toContain('`labels`')
    expect(refuses('ML_LABELS', x, unfit(tf.tensor1d(labels, 'int32'))).message).toContain('got a tensor')
    expect(refuses('ML_LABELS', x, unfit(['a', 1, 2, 0, 1, 2])).message).toContain('got "a" at position 0')
    refuses('ML_LABELS', x, [0.5, 1, 2, 0, 1, 2])
    expect(refuses('ML_LABELS', x, [0, 1, 2 ** 32, 0, 1, 2]).message).toContain('got 4294967296 at position 2')
    refuses('ML_LABELS', x, relationsOf([0, 1]))
  })

  it.runIf(withClasses.includes(name))('refuses labels outside of its classes, and embeddings of another size', () => {
    expect(refuses('ML_LABELS', x, [0, 1, 7, 0, 1, 2]).message).toContain('[0, 3), got 7')
    refuses('ML_LABELS', x, [0, 1, -1, 0, 1, 2])
    refuses('ML_SHAPE', tf.zeros([6, 5]), labels)
  })

  it('refuses selections that are none, or of another batch', () => {
    const refusesSelection = (code: string, selection: object) => refuses(code, x, labels, { selection: unfit(selection) })
    expect(refusesSelection('ML_SHAPE', { anchor: [0], positive: [3], negative: [9] }).message).toContain('`negative` to hold 1 row numbers in [0, 6), got 9')
    refusesSelection('ML_SHAPE', { anchor1: [0], positive: [-3], anchor2: [], negative: [] })
    refusesSelection('ML_SHAPE', { anchor: [0, 1], positive: [3], negative: [1] })
    expect(refusesSelection('ML_SHAPE', { anchor: [0], positive: [3] }).message).toContain('`negative` to hold 1 row numbers in [0, 6), got none')
    expect(refusesSelection('ML_OPTION', [[0], [3], [1]]).message).toContain('got an array')
    refusesSelection('ML_OPTION', {})
    refusesSelection('ML_SHAPE', { kind: 'pairs' })
    refusesSelection('ML_SHAPE', selectAllPairs(relationsOf([0, 0, 1])))
  })

  it('refuses references that do not fit, or at all', () => {
    const refusesReferences = (code: string, references: object) => refuses(withReferences.includes(name) ? code : 'ML_OPTION', x, labels, { references: unfit(references) })
    refusesReferences('ML_SHAPE', { refEmbeddings: tf.zeros([3, 5]), refLabels: [0, 1, 2] })
    refusesReferences('ML_LABELS', { refEmbeddings: x, refLabels: [0] })
    refusesReferences('ML_LABELS', { refEmbeddings: x })
    refusesReferences('ML_OPTION', x)
    refusesReferences('ML_OPTION', { refEmbeddings: x, refLabels: labels, samSet: true })
    refusesReferences('ML_LABELS', { refEmbeddings: x, refLabels: [2, 1, 0, 2, 1, 0], sameSet: true })
  })

  it('refuses options that are unknown, or of the wrong kind', () => {
    refuses('ML_OPTION', x, labels, unfit({ selektion: {} }))
    const refusesOptions = (options: object) => {
      const error = thrown(() => create[name]!(options))
      expect([error.code, error.parts.who]).toEqual(['ML_OPTION', name])
      return error
    }
    refusesOptions({ margn: 1 })
    expect(refusesOptions({ distance: LpDistance }).message).toContain('`distance` to be an object')
    refusesOptions({ distance: 'cosine' })
    refusesOptions({ reducer: MeanReducer })
    refusesOptions({ embeddingRegWeight: NaN })
  })
})

describe('options', () => {
  it.each(['matrix', 'betweenRows', 'margin', 'closest', 'normalize'])('refuse a distance without %s, which a formula may call', (method) => {
    const distance = Object.assign(Object.create(new LpDistance()) as object, { [method]: undefined })
    for (const name of ['TripletMarginLoss', 'CircleLoss']) {
      expect(thrown(() => create[name]!({ distance })).message).toContain('`distance` to be an object with `matrix` and `betweenRows` and')
    }
  })

  it('refuse a distance that a formula does not hold for', () => {
    for (const name of ['AngularLoss', 'ArcFaceLoss', 'CircleLoss', 'FastAPLoss', 'SmoothAPLoss', 'SoftTripleLoss']) {
      expect(thrown(() => create[name]!({ distance: new SNRDistance() })).message).toContain('`distance` to be')
    }
  })

  it.each([
    ['AngularLoss', { alpha: 0.7 }, 'in degrees'],
    ['ArcFaceLoss', { margin: 0.5 }, 'If 0.5 is in radians, pass 28.6'],
    ['ContrastiveLoss', { distance: new CosineSimilarity(), posMargin: 28.6 }, 'in units of a cosine'],
    ['MarginLoss', { distance: new CosineSimilarity(), beta: 90 }, 'in units of a cosine'],
    ['MultiSimilarityLoss', { base: 45 }, 'in units of a cosine'],
    ['ProxyAnchorLoss', { margin: 28.6 }, 'in units of a cosine'],
    ['SoftTripleLoss', { margin: 28.6 }, 'in units of a cosine'],
    ['TripletMarginLoss', { distance: new CosineSimilarity(), margin: 5 }, 'in units of a cosine'],
    ['TripletMarginLoss', { margin: '0.5' }, 'a number, got "0.5"'],
  ])('refuse margins in another unit: %s, %o', (name, options, message) => {
    const error = thrown(() => create[name]!(options))
    expect(error.code).toBe('ML_OPTION')
    expect(error.message).toContain(message)
  })
})
