import { describePlugin } from '@metric-learning/plugin-testkit'
import { afterAll } from 'vitest'
import { liveReport } from './live/live-report.js'
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

const pages: ReturnType<typeof liveReport>[] = []
afterAll(() => Promise.all(pages.map((page) => page.close())))

describePlugin('liveReport', {
  create: () => {
    const page = liveReport({ port: 0, say: () => undefined })
    pages.push(page)
    return page
  },
  mistakes: { 'a port that is none': () => liveReport({ port: -1 }), 'a misspelt option': () => liveReport({ prot: 7007 } as object) },
})
