export * from '@metric-learning/core'
