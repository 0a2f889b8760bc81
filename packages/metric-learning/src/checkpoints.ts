export * from '@metric-learning/checkpoints'
