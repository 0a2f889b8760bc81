import { LpDistance } from '@metric-learning/distances'
import { describeMiner } from '@metric-learning/plugin-testkit'
import { MultiSimilarityMiner } from './multi-similarity-miner.js'

describeMiner('MultiSimilarityMiner', { create: () => new MultiSimilarityMiner() })
describeMiner('MultiSimilarityMiner of distances', { create: () => new MultiSimilarityMiner({ distance: new LpDistance() }) })
