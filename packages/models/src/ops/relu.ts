export { relu } from '@metric-learning/core'
