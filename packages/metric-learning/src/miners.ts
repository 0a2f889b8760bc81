export * from '@metric-learning/miners'
