export * from '@metric-learning/losses'
