export * from '@metric-learning/report'
