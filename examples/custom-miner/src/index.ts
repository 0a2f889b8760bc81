export * from './closest-negatives-miner.js'
