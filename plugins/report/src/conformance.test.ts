import { describePlugin } from '@metric-learning/plugin-testkit'
import { runRecorder } from './record/run-recorder.js'

describePlugin('runRecorder', {
  create: () => runRecorder({ name: 'Triplet', result: 'best' }),
  mistakes: { 'fewer than no embeddings': () => runRecorder({ name: 'Triplet', maxEmbeddings: -1 }) },
})
