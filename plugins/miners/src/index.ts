export { option } from '@metric-learning/ops'
export {
  metricMiner,
  type DrawingMiner,
  type MetricMiner,
  type MetricMinerSetup,
  type MinerConstructor,
  type MinerInputs,
  type MinerOptions,
  type OptionsOf,
} from './base/metric-miner.js'
export { tripletsWhere } from './base/triplets-where.js'
export * from './angular-miner.js'
export * from './batch-easy-hard-miner.js'
export * from './batch-hard-miner.js'
export * from './capped-miner.js'
export * from './distance-weighted-miner.js'
export * from './embeddings-already-packaged-as-triplets.js'
export * from './hdc-miner.js'
export * from './intersection-miner.js'
export * from './multi-similarity-miner.js'
export * from './pair-margin-miner.js'
export * from './triplet-margin-miner.js'
export * from './uniform-histogram-miner.js'
export * from './union-miner.js'
