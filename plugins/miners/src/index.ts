export * from './base/metric-miner.js'
export * from './base/pair-miner.js'
export * from './multi-similarity-miner.js'
