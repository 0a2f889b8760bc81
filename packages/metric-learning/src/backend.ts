export * from '@metric-learning/backend'
