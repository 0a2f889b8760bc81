export * from '@metric-learning/experiments'
