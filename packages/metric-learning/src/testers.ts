export * from '@metric-learning/testers'
