import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { describeMiner, type MinerConformance } from '@metric-learning/plugin-testkit'
import * as miners from './index.js'

const similarity = () => new CosineSimilarity()
const drawn = { permutation: 'it draws by row' }
const packaged = 'it takes the rows as they come, whatever the labels'

const cases: Readonly<Record<string, MinerConformance>> = {
  'AngularMiner': { create: () => new miners.AngularMiner() },
  'AngularMiner of embeddings as they are': { create: () => new miners.AngularMiner({ angle: 30, normalizeEmbeddings: false }) },
  'BatchEasyHardMiner': { create: () => new miners.BatchEasyHardMiner() },
  'BatchEasyHardMiner, semihard and easy': { create: () => new miners.BatchEasyHardMiner({ posStrategy: 'semihard', negStrategy: 'easy' }) },
  'BatchEasyHardMiner, all and hard, in ranges': {
    create: () => new miners.BatchEasyHardMiner({ posStrategy: 'all', negStrategy: 'hard', allowedPosRange: [0.5, 2], allowedNegRange: [0.2, 1.5] }),
  },
  'BatchEasyHardMiner of similarities': { create: () => new miners.BatchEasyHardMiner({ distance: similarity() }) },
  'BatchHardMiner': { create: () => new miners.BatchHardMiner() },
  'BatchHardMiner of similarities': { create: () => new miners.BatchHardMiner({ distance: similarity() }) },
  'DistanceWeightedMiner': { create: () => new miners.DistanceWeightedMiner(), skip: drawn },
  'DistanceWeightedMiner, 5 of each anchor': { create: () => new miners.DistanceWeightedMiner({ tripletsPerAnchor: 5 }), skip: drawn },
  'EmbeddingsAlreadyPackagedAsTriplets': {
    create: () => new miners.EmbeddingsAlreadyPackagedAsTriplets(),
    labels: [0, 0, 1, 1, 1, 0, 2, 2, 1],
    skip: {
      oneClass: packaged,
      allDistinct: packaged,
      singleSample: 'a single sample is no triplet, and refused',
      permutation: packaged,
      references: packaged,
    },
  },
  'HDCMiner': { create: () => new miners.HDCMiner() },
  'HDCMiner of similarities': {
    create: () => new miners.HDCMiner({ filterPercentage: 0.3, distance: similarity() }),
    skip: { permutation: 'a share may end between two pairs of the same samples, whose products some processors round differently' },
  },
  'MultiSimilarityMiner': { create: () => new miners.MultiSimilarityMiner() },
  'MultiSimilarityMiner of distances': { create: () => new miners.MultiSimilarityMiner({ distance: new LpDistance() }) },
  'PairMarginMiner': { create: () => new miners.PairMarginMiner({ negMargin: 1.2 }) },
  'PairMarginMiner of similarities': { create: () => new miners.PairMarginMiner({ posMargin: 0.8, negMargin: 0.1, distance: similarity() }) },
  ...Object.fromEntries((['all', 'hard', 'semihard', 'easy'] as const).map((typeOfTriplets) => [
    `TripletMarginMiner, ${typeOfTriplets}`,
    { create: () => new miners.TripletMarginMiner({ typeOfTriplets, margin: 0.5 }) },
  ])),
  'TripletMarginMiner of similarities': { create: () => new miners.TripletMarginMiner({ distance: similarity() }) },
  'UnionMiner of pairs and triplets': { create: () => new miners.UnionMiner({ miners: [new miners.MultiSimilarityMiner(), new miners.BatchHardMiner()] }) },
  'UnionMiner of pairs': { create: () => new miners.UnionMiner({ miners: [new miners.MultiSimilarityMiner(), new miners.PairMarginMiner()] }) },
  'IntersectionMiner': {
    create: () => new miners.IntersectionMiner({ miners: [new miners.MultiSimilarityMiner(), new miners.TripletMarginMiner({ typeOfTriplets: 'hard' })] }),
  },
  'CappedMiner': { create: () => new miners.CappedMiner({ miner: new miners.TripletMarginMiner(), maxTuples: 9 }), skip: drawn },
  'CappedMiner of pairs that are drawn': {
    create: () => new miners.CappedMiner({ miner: new miners.UniformHistogramMiner({ numBins: 5 }), maxTuples: 5 }),
    skip: drawn,
  },
  'UniformHistogramMiner': { create: () => new miners.UniformHistogramMiner({ numBins: 5, posPerBin: 2, negPerBin: 3 }), skip: drawn },
}

for (const [name, conformance] of Object.entries(cases)) describeMiner(name, conformance)
