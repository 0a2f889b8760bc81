export * from '@metric-learning/progress'
