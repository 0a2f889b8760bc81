import * as tf from '@tensorflow/tfjs-core'
import { describeSampler } from '@metric-learning/plugin-testkit'
import { FixedSetOfTriplets, type FixedSetOfTripletsOptions } from './fixed-set-of-triplets.js'
import { HierarchicalSampler, type HierarchicalSamplerOptions } from './hierarchical-sampler.js'
import { farPositives, points, scaled } from './looking-model.fixture.js'
import { MixedSampler, type MixedSamplerOptions } from './mixed-sampler.js'
import { MPerClassSampler, type MPerClassSamplerOptions } from './m-per-class-sampler.js'
import { TuplesToWeightsSampler, type TuplesToWeightsSamplerOptions } from './tuples-to-weights-sampler.js'

const labels = Array.from({ length: 30 }, (_, row) => row % 5)

const mPerClass = (options: Partial<MPerClassSamplerOptions> = {}) => new MPerClassSampler({ labels, m: 2, batchSize: 6, ...options })
describeSampler('MPerClassSampler', {
  create: () => mPerClass(),
  sampleCount: labels.length,
  mistakes: {
    'an unknown option': () => mPerClass({ batchsize: 6 } as never),
    'a batch that is no multiple of m': () => mPerClass({ batchSize: 7 }),
    'labels that are no integers': () => mPerClass({ labels: [0, 0.5] }),
    'a class with fewer than m samples': () => mPerClass({ m: 10, batchSize: 20 }),
    'fewer classes than a batch needs': () => mPerClass({ batchSize: 12 }),
    'batches without positives': () => mPerClass({ m: 1 }),
    'batches without negatives': () => mPerClass({ batchSize: 2 }),
    'a coverage that there is not': () => mPerClass({ coverage: 'some' as never }),
  },
})
const mixed = (options: Partial<MixedSamplerOptions> = {}) => new MixedSampler({ samplers: [mPerClass(), mPerClass({ labels: labels.slice(0, 20), batchSize: 4 })], ...options })
describeSampler('MixedSampler', {
  create: () => mixed(),
  sampleCount: 50,
  mistakes: { 'one source': () => mixed({ samplers: [mPerClass()] }), 'a weight that is none': () => mixed({ weights: [1, Infinity] }), 'an unknown option': () => mixed({ weight: 1 } as never) },
})
describeSampler('MixedSampler by weights', { create: () => mixed({ weights: [2, 1], batchesPerEpoch: 12 }), sampleCount: 50 })
describeSampler('MPerClassSampler of all classes, with repeats', {
  create: () => new MPerClassSampler({ labels: [0, 0, 0, 1, 1, 2], m: 3, allowRepeats: true, lengthBeforeNewIter: 40 }),
  sampleCount: 6,
})
describeSampler('MPerClassSampler that covers all, with repeats', {
  create: () => new MPerClassSampler({ labels: [0, 0, 0, 1, 1, 2, 3], m: 3, batchSize: 6, allowRepeats: true, coverage: 'all' }),
  sampleCount: 7,
})
describeSampler('MPerClassSampler that covers all, with smaller batches', {
  create: () => mPerClass({ coverage: 'all', dropLast: false, batchSize: 8 }),
  sampleCount: labels.length,
})
describeSampler('MPerClassSampler that covers all, of unequal classes', {
  create: () => new MPerClassSampler({ labels: [...labels, ...labels.map((label) => label % 2)], m: 3, batchSize: 9, coverage: 'all' }),
  sampleCount: 2 * labels.length,
})
describeSampler('MPerClassSampler with a last, smaller batch', { create: () => mPerClass({ dropLast: false, batchSize: 8 }), sampleCount: labels.length })

const rows = Array.from({ length: 48 }, (_, row) => [row % 12, (row % 12) >> 2])
const hierarchical = (options: Partial<HierarchicalSamplerOptions> = {}) => new HierarchicalSampler({ labels: rows, batchSize: 8, samplesPerClass: 2, ...options })
describeSampler('HierarchicalSampler', {
  create: () => hierarchical(),
  sampleCount: rows.length,
  mistakes: {
    'an unknown option': () => hierarchical({ superClasses: 2 } as never),
    'plain labels': () => hierarchical({ labels: labels as never }),
    'a batch that does not come out even': () => hierarchical({ batchSize: 10 }),
    'fewer super classes than a batch needs': () => hierarchical({ superClassesPerBatch: 4 }),
    'fewer classes than a super class needs': () => hierarchical({ batchSize: 20 }),
    'a class with too few samples': () => hierarchical({ samplesPerClass: 5, batchSize: 10 }),
  },
})
describeSampler('HierarchicalSampler of whole classes', { create: () => hierarchical({ samplesPerClass: 'all', batchSize: 10 }), sampleCount: rows.length })

const triplets = (options: Partial<FixedSetOfTripletsOptions> = {}) => new FixedSetOfTriplets({ labels, numTriplets: 40, batchSize: 9, ...options })
describeSampler('FixedSetOfTriplets', {
  create: () => triplets(),
  sampleCount: labels.length,
  skip: { coverage: 'its triplets are of some samples alone' },
  mistakes: {
    'an unknown option': () => triplets({ triplets: 5 } as never),
    'one class': () => triplets({ labels: [1, 1, 1] }),
    'classes of one sample': () => triplets({ labels: [1, 2, 3] }),
    'no whole triplets': () => triplets({ batchSize: 10 }),
    'more than the set has': () => triplets({ batchSize: 123 }),
  },
})
describeSampler('FixedSetOfTriplets with a last, smaller batch', {
  create: () => triplets({ dropLast: false }),
  sampleCount: labels.length,
  skip: { coverage: 'its triplets are of some samples alone' },
})

const trunk = scaled()
// Not a scale alone, which all distances would follow.
const bent = { ...trunk, call: (x: tf.Tensor) => tf.add(x, tf.mul(tf.square(x), trunk.weight)) }
const weighing = (options: Partial<TuplesToWeightsSamplerOptions> = {}) =>
  new TuplesToWeightsSampler({ dataset: points(), trunk: bent, miner: farPositives, batchSize: 4, compile: false, ...options })
describeSampler('TuplesToWeightsSampler', {
  create: () => weighing(),
  sampleCount: 12,
  moveModel: () => trunk.weight.assign(tf.add(trunk.weight, 1)),
  mistakes: {
    'an unknown option': () => weighing({ subset: 5 } as never),
    'no miner': () => weighing({ miner: undefined as never }),
    'a subset of more than there are': () => weighing({ subsetSize: 13 }),
    'a batch that an epoch does not have': () => weighing({ subsetSize: 3 }),
  },
})
describeSampler('TuplesToWeightsSampler of subsets', { create: () => weighing({ subsetSize: 8 }), sampleCount: 12, moveModel: () => trunk.weight.assign(tf.add(trunk.weight, 1)) })
