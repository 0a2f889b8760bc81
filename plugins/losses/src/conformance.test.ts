import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { CenterInvariantRegularizer, RegularFaceRegularizer, SparseCentersRegularizer } from '@metric-learning/regularizers'
import { describeLoss, type LossConformance } from '@metric-learning/plugin-testkit'
import { MeanReducer } from '@metric-learning/reducers'
import * as all from './index.js'

const embeddingSize = 4
const raw = new LpDistance({ normalizeEmbeddings: false })
const classes = { numClasses: 8, embeddingSize }

const wholeBatch = 'it looks at the whole batch'
const onlyWeighs = 'a selection only weighs embeddings'
const allNegatives = { unselected: 'its negatives are all rows of another class' }
const ranks = 'it ranks the selected among the whole batch'
const noReferences = 'it compares a batch with itself'
const memory = {
  gradient: 'the batch is compared with itself as it is remembered, through which no gradient flows',
  selections: 'what a caller selects comes besides what is compared with the memory',
  unselected: 'what a caller selects comes besides what is compared with the memory',
  references: 'its references are the memory',
}
const ownVectors = { selections: onlyWeighs, references: 'it compares a batch with its own vectors' }
const ofLogits = { selections: wholeBatch, references: 'it compares logits with labels' }
const drawnOnly = { permutation: 'draws go by rows', selections: 'it draws only where nothing is selected' }
const noLabels = { labels: 'none', skip: { selections: 'it takes no labels', references: 'references are its second views' } } as const

/** A test for each loss, with options under which none of its parts is flat where differences are taken. */
const losses: Readonly<Record<string, LossConformance>> = {
  'AngularLoss': { create: () => new all.AngularLoss(), countsOnce: 'negatives', skip: allNegatives },
  'AngularLoss, negatives as they are': { create: () => new all.AngularLoss({ normalizeNegatives: false }), countsOnce: 'negatives', skip: allNegatives },
  'ArcFaceLoss': { create: () => new all.ArcFaceLoss({ ...classes, scale: 8 }), skip: ownVectors },
  'CircleLoss': { create: () => new all.CircleLoss(), countsOnce: 'pairs', skip: { gradient: 'its weights of pairs count as constants (eq. 5)' } },
  'ContrastiveLoss': { create: () => new all.ContrastiveLoss({ posMargin: 0.1, negMargin: 1.2 }) },
  'ContrastiveLoss of raw distances, p = 3': {
    create: () => new all.ContrastiveLoss({ negMargin: 2.5, distance: new LpDistance({ p: 3, normalizeEmbeddings: false }) }),
  },
  'CosFaceLoss': { create: () => new all.CosFaceLoss({ ...classes, scale: 8 }), skip: ownVectors },
  'CosFaceLoss, regularized': {
    create: () =>
      new all.CosFaceLoss({
        ...classes,
        scale: 8,
        embeddingRegularizer: new CenterInvariantRegularizer(),
        embeddingRegWeight: 0.1,
        weightRegularizer: new RegularFaceRegularizer(),
      }),
    skip: { ...ownVectors, unselected: 'its regularizer is about all embeddings' },
  },
  'CrossBatchMemory': {
    create: () => new all.CrossBatchMemory({ loss: new all.ContrastiveLoss({ negMargin: 1.2 }), embeddingSize, memorySize: 12 }),
    skip: memory,
  },
  'CrossBatchMemory of triplets': {
    create: () => new all.CrossBatchMemory({ loss: new all.TripletMarginLoss({ margin: 0.3 }), embeddingSize, memorySize: 9 }),
    skip: memory,
  },
  'CrossEntropyLoss': { create: () => new all.CrossEntropyLoss({ numClasses: 8 }), embeddingSize: 8, skip: ofLogits },
  'CrossEntropyLoss, smoothed and weighted': {
    create: () => new all.CrossEntropyLoss({ numClasses: 8, labelSmoothing: 0.2, weight: [1, 2, 0.5, 0, 1, 1, 1, 1] }),
    embeddingSize: 8,
    skip: ofLogits,
  },
  'DynamicSoftMarginLoss': { create: () => new all.DynamicSoftMarginLoss({ momentum: 1 }), selects: 'triplets' },
  'DynamicSoftMarginLoss without labels': { create: () => new all.DynamicSoftMarginLoss({ momentum: 1 }), ...noLabels },
  'FastAPLoss': { create: () => new all.FastAPLoss(), skip: { selections: onlyWeighs, unselected: ranks, references: noReferences } },
  'GeneralizedLiftedStructureLoss': { create: () => new all.GeneralizedLiftedStructureLoss(), countsOnce: 'pairs' },
  'HistogramLoss': { create: () => new all.HistogramLoss({ nBins: 10 }), countsOnce: 'pairs', skip: { references: noReferences } },
  'InstanceLoss': {
    create: () => new all.InstanceLoss({ gamma: 4 }),
    skip: { selections: wholeBatch, references: noReferences, permutation: 'its targets are ranks of classes, taken for rows' },
  },
  'InstanceLoss, own targets': {
    create: () => new all.InstanceLoss({ gamma: 4, targets: 'own' }),
    skip: { labels: 'each sample is a class of its own', selections: wholeBatch, references: noReferences },
  },
  'IntraPairVarianceLoss': { create: () => new all.IntraPairVarianceLoss() },
  'LargeMarginSoftmaxLoss': { create: () => new all.LargeMarginSoftmaxLoss(classes), skip: ownVectors },
  'LiftedStructureLoss': { create: () => new all.LiftedStructureLoss(), countsOnce: 'negatives' },
  'ManifoldLoss': {
    create: () => new all.ManifoldLoss({ l: embeddingSize, K: 8 }),
    skip: { ...ownVectors, selections: wholeBatch },
  },
  'ManifoldLoss without labels': {
    create: () => new all.ManifoldLoss({ l: embeddingSize, K: 8, seed: 1 }),
    labels: 'none',
    skip: { ...ownVectors, selections: wholeBatch, permutation: 'draws go by rows' },
  },
  'MarginLoss of drawn triplets': {
    create: () => new all.MarginLoss({ learnBeta: true, nu: 0.1, tripletsPerAnchor: 5 }),
    selects: 'triplets',
    skip: drawnOnly,
  },
  'MarginLoss': { create: () => new all.MarginLoss({ learnBeta: true, nu: 0.1, numClasses: 9 }), selects: 'triplets' },
  'MultipleLosses': {
    create: () =>
      new all.MultipleLosses({
        losses: [new all.MultiSimilarityLoss(), new all.MarginLoss({ learnBeta: true, nu: 0.1 })],
        weights: [2, 0.5],
      }),
    selects: 'triplets',
    skip: { selections: 'one of its losses looks at pairs, the other at triplets' },
  },
  'MultiSimilarityLoss': { create: () => new all.MultiSimilarityLoss(), countsOnce: 'pairs' },
  'MultiSimilarityLoss of raw distances': { create: () => new all.MultiSimilarityLoss({ distance: raw }), countsOnce: 'pairs' },
  'NCALoss': { create: () => new all.NCALoss(), skip: { selections: onlyWeighs, unselected: ranks } },
  'NormalizedSoftmaxLoss': { create: () => new all.NormalizedSoftmaxLoss({ ...classes, temperature: 0.5 }), skip: ownVectors },
  'NormalizedSoftmaxLoss of raw distances': {
    create: () => new all.NormalizedSoftmaxLoss({ ...classes, distance: raw }),
    skip: ownVectors,
  },
  'NPairsLoss': {
    create: () => new all.NPairsLoss(),
    countsOnce: 'pairs',
    skip: { references: noReferences, permutation: 'it takes the first pair of each class' },
  },
  'NTXentLoss': { create: () => new all.NTXentLoss(), countsOnce: 'negatives' },
  'NTXentLoss of raw distances': { create: () => new all.NTXentLoss({ distance: raw, temperature: 0.5 }), countsOnce: 'negatives' },
  'P2SGradLoss': {
    create: () => new all.P2SGradLoss({ descriptorsDim: embeddingSize, numClasses: 8 }),
    skip: {
      ...ownVectors,
      selections: wholeBatch,
      parameterGradient: 'it rescales its weights before it uses them, and gives the gradient at what they become',
    },
  },
  'PNPLoss': { create: () => new all.PNPLoss({ anneal: 0.2 }), skip: { selections: wholeBatch, references: noReferences } },
  'PNPLoss, Dq': {
    create: () => new all.PNPLoss({ variant: 'Dq', anneal: 0.2 }),
    skip: { selections: wholeBatch, references: noReferences },
  },
  'ProxyAnchorLoss': { create: () => new all.ProxyAnchorLoss({ ...classes, alpha: 8 }), skip: { ...ownVectors, unselected: 'an embedding of weight 0 has 1 taken off its exponent, and counts on' } },
  'ProxyNCALoss': { create: () => new all.ProxyNCALoss(classes), skip: ownVectors },
  'RankedListLoss': {
    create: () => new all.RankedListLoss({ margin: 0.4, Tn: 2 }),
    skip: { selections: wholeBatch, references: noReferences },
  },
  'RankedListLoss of raw distances': {
    create: () => new all.RankedListLoss({ margin: 0.4, Tn: 2, Tp: 1, distance: raw }),
    skip: { selections: wholeBatch, references: noReferences },
  },
  'SelfSupervisedLoss': {
    create: () => new all.SelfSupervisedLoss({ loss: new all.NTXentLoss({ temperature: 0.5 }) }),
    labels: 'none',
    options: { references: { refEmbeddings: secondViews() } },
    skip: {
      selections: 'it takes no labels',
      references: 'references are its second views',
      singleSample: 'a second view is needed for each sample',
      permutation: 'the second views would have to move too',
    },
  },
  'SignalToNoiseRatioContrastiveLoss': { create: () => new all.SignalToNoiseRatioContrastiveLoss() },
  'SmoothAPLoss': {
    create: () => new all.SmoothAPLoss({ temperature: 0.1 }),
    labels: [0, 1, 0, 1, 0, 1, 0, 1],
    skip: { selections: onlyWeighs, unselected: ranks, references: noReferences },
  },
  'SoftTripleLoss': {
    create: () =>
      new all.SoftTripleLoss({
        ...classes,
        centersPerClass: 3,
        weightRegularizer: new SparseCentersRegularizer({ numClasses: 8, centersPerClass: 3 }),
      }),
    skip: ownVectors,
  },
  'SphereFaceLoss': { create: () => new all.SphereFaceLoss({ ...classes, margin: 3 }), skip: ownVectors },
  'SubCenterArcFaceLoss': { create: () => new all.SubCenterArcFaceLoss({ ...classes, scale: 8 }), skip: ownVectors },
  'SupConLoss': { create: () => new all.SupConLoss(), countsOnce: 'pairs' },
  'ThresholdConsistentMarginLoss': { create: () => new all.ThresholdConsistentMarginLoss() },
  'TripletMarginLoss': { create: () => new all.TripletMarginLoss({ margin: 0.3 }), selects: 'triplets' },
  'TripletMarginLoss, swap and smooth': {
    create: () => new all.TripletMarginLoss({ margin: 0.3, swap: true, smoothLoss: true }),
    selects: 'triplets',
  },
  'TripletMarginLoss of drawn triplets': {
    create: () => new all.TripletMarginLoss({ margin: 0.3, tripletsPerAnchor: 5 }),
    selects: 'triplets',
    skip: drawnOnly,
  },
  'TripletMarginLoss of cosines': {
    create: () => new all.TripletMarginLoss({ distance: new CosineSimilarity(), reducer: new MeanReducer() }),
    selects: 'triplets',
  },
  'TupletMarginLoss': { create: () => new all.TupletMarginLoss({ scale: 8 }), countsOnce: 'negatives' },
  'VICRegLoss': { create: () => new all.VICRegLoss(), ...noLabels },
}

for (const [name, conformance] of Object.entries(losses)) describeLoss(name, conformance)

function secondViews(): tf.Tensor2D {
  return tf.randomNormal([8, embeddingSize], 0, 1, 'float32', 5)
}
