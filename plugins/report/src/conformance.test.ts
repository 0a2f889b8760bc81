import { describePlugin } from '@metric-learning/plugin-testkit'
import { embeddingPictures } from './pictures/embedding-pictures.js'
import { runRecorder } from './record/run-recorder.js'

describePlugin('runRecorder', {
  create: () => runRecorder({ name: 'Triplet', result: 'best' }),
  mistakes: { 'fewer than no embeddings': () => runRecorder({ name: 'Triplet', maxEmbeddings: -1 }) },
})

describePlugin('embeddingPictures', {
  create: () => embeddingPictures({ say: () => undefined, pairs: 100 }),
  mistakes: { 'no pairs': () => embeddingPictures({ pairs: 0 }), 'a misspelt option': () => embeddingPictures({ image: true } as object) },
})
