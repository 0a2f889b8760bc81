export * from '@metric-learning/optimization'
