export * from '@metric-learning/contracts'
