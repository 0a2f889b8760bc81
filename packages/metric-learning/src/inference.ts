export * from '@metric-learning/inference'
