import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { describeMiner } from '@metric-learning/plugin-testkit'
import { BatchHardMiner } from './batch-hard-miner.js'
import { MultiSimilarityMiner } from './multi-similarity-miner.js'
import { TripletMarginMiner } from './triplet-margin-miner.js'

describeMiner('MultiSimilarityMiner', { create: () => new MultiSimilarityMiner() })
describeMiner('MultiSimilarityMiner of distances', { create: () => new MultiSimilarityMiner({ distance: new LpDistance() }) })
describeMiner('BatchHardMiner', { create: () => new BatchHardMiner() })
describeMiner('BatchHardMiner of similarities', { create: () => new BatchHardMiner({ distance: new CosineSimilarity() }) })
for (const typeOfTriplets of ['all', 'hard', 'semihard', 'easy'] as const) {
  describeMiner(`TripletMarginMiner, ${typeOfTriplets}`, { create: () => new TripletMarginMiner({ typeOfTriplets, margin: 0.5 }) })
}
describeMiner('TripletMarginMiner of similarities', { create: () => new TripletMarginMiner({ distance: new CosineSimilarity() }) })
