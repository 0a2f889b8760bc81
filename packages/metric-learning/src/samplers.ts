export * from '@metric-learning/samplers'
