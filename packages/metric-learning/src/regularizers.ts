export * from '@metric-learning/regularizers'
