export * from '@metric-learning/ops'
