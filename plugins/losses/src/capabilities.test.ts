import * as tf from '@tensorflow/tfjs-core'
import { OptionError, type Distance, type Loss, type Reducer } from '@metric-learning/contracts'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { MeanReducer, MultipleReducers } from '@metric-learning/reducers'
import { CenterInvariantRegularizer, SparseCentersRegularizer } from '@metric-learning/regularizers'
import { describe, expect, it } from 'vitest'
import { CircleLoss } from './circle-loss.js'
import { ContrastiveLoss } from './contrastive-loss.js'
import { CrossBatchMemory } from './wrappers/cross-batch-memory/cross-batch-memory.js'
import { DynamicSoftMarginLoss } from './dynamic-soft-margin-loss.js'
import { MultipleLosses } from './wrappers/multiple-losses.js'
import { NTXentLoss } from './nt-xent-loss.js'
import { SelfSupervisedLoss } from './wrappers/self-supervised-loss.js'
import { TripletMarginLoss } from './triplet-margin-loss.js'
import { VICRegLoss } from './vic-reg-loss.js'

const embeddings = tf.randomNormal<tf.Rank.R2>([6, 3], 0, 1, 'float32', 1)
const labels = [0, 0, 1, 1, 2, 2]
const references = { refEmbeddings: tf.randomNormal<tf.Rank.R2>([6, 3], 0, 1, 'float32', 2) }

/** A loss that is no class of this package. */
const plainLoss = (capabilities: Partial<Loss> = {}): Loss => ({
  name: 'PlainLoss',
  parameters: new Map(),
  compute: (x) => tf.sum(x),
  ...capabilities,
})

/** What a distance of another copy of the package is here: the same fields and methods, and no class that is known. */
const ofAnotherCopy = (of: Distance): Distance => {
  const { name, measure, isInverted, normalizeEmbeddings, p, power } = of
  return {
    name, measure, isInverted, normalizeEmbeddings, p, power,
    matrix: (x, y) => of.matrix(x, y),
    betweenRows: (x, y) => of.betweenRows(x, y),
    pairwiseDistance: (x, y) => of.pairwiseDistance(x, y),
    normalize: (x) => of.normalize(x),
    maybeNormalize: (x) => of.maybeNormalize(x),
    norm: (x) => of.norm(x),
    margin: (x, y) => of.margin(x, y),
    closest: (x, y) => of.closest(x, y),
    farthest: (x, y) => of.farthest(x, y),
    closestAlong: (x, axis) => of.closestAlong(x, axis),
    farthestAlong: (x, axis) => of.farthestAlong(x, axis),
  }
}

describe('Wrappers go by what a loss says of itself', () => {
  it('SelfSupervisedLoss takes any loss that needs labels and takes references', () => {
    expect(new SelfSupervisedLoss({ loss: plainLoss() }).compute(embeddings, undefined, { references }).shape).toEqual([])
    expect(() => new SelfSupervisedLoss({ loss: plainLoss({ takesReferences: false }) })).toThrow('reference set, got PlainLoss')
    expect(() => new SelfSupervisedLoss({ loss: plainLoss({ overClasses: true }) })).toThrow('It is about the classes of a data set')
    for (const use of ['refused', 'optional'] as const) {
      expect(() => new SelfSupervisedLoss({ loss: plainLoss({ labels: use }) })).toThrow('It takes two views itself')
    }
    for (const loss of [new VICRegLoss(), new DynamicSoftMarginLoss()]) expect(() => new SelfSupervisedLoss({ loss })).toThrow('It takes two views itself')
  })

  it('CrossBatchMemory takes any loss that takes labels, references and a selection', () => {
    const memoryOf = (loss: Loss) => new CrossBatchMemory({ loss, embeddingSize: 3 })
    expect(memoryOf(plainLoss()).overClasses).toBe(false)
    expect(memoryOf(plainLoss({ overClasses: true })).overClasses).toBe(true)
    expect(() => memoryOf(plainLoss({ takesReferences: false }))).toThrow('reference set, got PlainLoss')
    expect(() => memoryOf(plainLoss({ takesSelections: false }))).toThrow('labels and a selection, got PlainLoss')
    expect(() => memoryOf(plainLoss({ labels: 'refused' }))).toThrow('labels and a selection, got PlainLoss')
  })

  it('MultipleLosses says what its losses have in common', () => {
    const of = (...losses: Loss[]) => {
      const { labels: use, takesReferences, takesSelections, overClasses } = new MultipleLosses({ losses })
      return [use, takesReferences, takesSelections, overClasses]
    }
    expect(of(new NTXentLoss(), plainLoss())).toEqual(['needed', true, true, false])
    expect(of(new NTXentLoss(), plainLoss({ labels: 'optional', takesReferences: false }))).toEqual(['needed', false, true, false])
    expect(of(new VICRegLoss(), plainLoss({ labels: 'optional' }))).toEqual(['refused', true, false, false])
    expect(of(plainLoss({ labels: 'optional', overClasses: true }))).toEqual(['optional', true, true, true])
    expect(() => of(new VICRegLoss(), plainLoss())).toThrow('got PlainLoss, which needs them, and VICRegLoss, which refuses them')
    expect(new MultipleLosses({ losses: [new NTXentLoss()], miners: [{ name: 'm', mine: () => { throw new Error() } }] }).takesSelections).toBe(false)
  })

  it('say how large a batch may be', () => {
    const memory = new CrossBatchMemory({ loss: new NTXentLoss(), embeddingSize: 3, memorySize: 9 })
    expect(memory.maxBatchSize).toBe(9)
    expect(new MultipleLosses({ losses: [new NTXentLoss(), memory] }).nested['losses.1']!.loss.maxBatchSize).toBe(9)
  })

  it('MultipleLosses of losses without labels is called without', () => {
    const [alone, joined] = [new VICRegLoss(), new MultipleLosses({ losses: [new VICRegLoss(), plainLoss({ labels: 'optional' })] })]
    const wanted = alone.compute(embeddings, undefined, { references }).dataSync()[0]! + tf.sum(embeddings).dataSync()[0]!
    expect(joined.compute(embeddings, undefined, { references }).dataSync()[0]).toBeCloseTo(wanted, 3)
  })

  it('hands labels on to be checked', () => {
    const checked: number[] = []
    const loss = plainLoss({ checkLabels: (given) => void checked.push(...given) })
    new MultipleLosses({ losses: [loss] }).checkLabels(Int32Array.of(1, 2))
    new CrossBatchMemory({ loss, embeddingSize: 3 }).checkLabels(Int32Array.of(3))
    expect(checked).toEqual([1, 2, 3])
  })
})

describe('A reducer that cares about the names of terms', () => {
  it('is told them, whatever its class', () => {
    const told: unknown[] = []
    const mean = new MeanReducer()
    const reducer: Reducer = { name: 'Mine', expectTerms: (who, terms) => void told.push(who, terms), reduce: (term, of, name) => mean.reduce(term, of, name) }
    const value = new ContrastiveLoss({ reducer }).compute(embeddings, labels).dataSync()
    expect(told).toEqual(['ContrastiveLoss', ['posLoss', 'negLoss']])
    expect(value).toEqual(new ContrastiveLoss({ reducer: mean }).compute(embeddings, labels).dataSync())
    const own = new MultipleReducers({ reducers: { posLos: mean } })
    expect(() => new ContrastiveLoss({ reducer: own }).compute(embeddings, labels)).toThrow('got `posLos`')
  })
})

describe('A distance of another copy of its package', () => {
  it('is taken where its formula is wanted', () => {
    const value = (distance: Distance) => new CircleLoss({ distance }).compute(embeddings, labels).dataSync()
    expect(value(ofAnotherCopy(new CosineSimilarity()))).toEqual(value(new CosineSimilarity()))
    expect(new CenterInvariantRegularizer({ distance: ofAnotherCopy(new LpDistance({ normalizeEmbeddings: false })) }).name).toBe('CenterInvariantRegularizer')
    const centres = { numClasses: 2, centersPerClass: 2 }
    expect(new SparseCentersRegularizer({ ...centres, distance: ofAnotherCopy(new CosineSimilarity()) }).centersPerClass).toBe(2)
  })

  it('is refused where another is, or other options of it', () => {
    expect(() => new CircleLoss({ distance: ofAnotherCopy(new LpDistance()) })).toThrow('`distance` to be CosineSimilarity, got LpDistance')
    const nameless = { ...ofAnotherCopy(new CosineSimilarity()), measure: undefined }
    expect(() => new CircleLoss({ distance: nameless })).toThrow(OptionError)
    expect(() => new CenterInvariantRegularizer({ distance: ofAnotherCopy(new LpDistance()) })).toThrow('normalizeEmbeddings true')
  })

  it('has the units that it is known for', () => {
    const distance = ofAnotherCopy(new CosineSimilarity())
    expect(() => new TripletMarginLoss({ distance, margin: 5 })).toThrow('in units of a cosine')
    expect(new TripletMarginLoss({ distance: ofAnotherCopy(new LpDistance()), margin: 5 }).margin).toBe(5)
  })
})
