export * from '@metric-learning/health'
