export * from '@metric-learning/schemes'
