export * from '@metric-learning/evaluation'
