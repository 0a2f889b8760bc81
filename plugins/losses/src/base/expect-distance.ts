export { expectDistance, type DistanceDemands } from '@metric-learning/distances'
