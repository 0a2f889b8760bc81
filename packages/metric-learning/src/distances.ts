export * from '@metric-learning/distances'
