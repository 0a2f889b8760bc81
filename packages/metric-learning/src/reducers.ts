export * from '@metric-learning/reducers'
