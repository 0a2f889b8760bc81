export * from '@metric-learning/datasets'
