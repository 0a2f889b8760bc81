export * from '@metric-learning/tensorboard'
