export * from '@metric-learning/schedules'
