export { MetricMiner, type MetricMinerOptions, type MetricMinerSetup } from './base/metric-miner.js'
export { PairMiner } from './base/pair-miner.js'
export { MultiSimilarityMiner, type MultiSimilarityMinerOptions } from './multi-similarity-miner.js'
