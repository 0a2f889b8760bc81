export * from '@metric-learning/models'
