import { useBackend } from '@metric-learning/backend'
import { AccuracyCalculator } from '@metric-learning/evaluation'
import { exampleMetric } from './example-metric.js'

await useBackend('auto')
const calculator = new AccuracyCalculator({ metrics: [exampleMetric({ k: 2 })] }) // new GlobalEmbeddingSpaceTester({ splits, accuracyCalculator: calculator })
const { metrics } = await calculator.getAccuracy({ query: [[0], [1], [3], [5.5]], queryLabels: [0, 0, 1, 1] })
console.log(metrics)
