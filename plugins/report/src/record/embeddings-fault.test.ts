import { describe, expect, it } from 'vitest'
import { embeddingsFault } from './embeddings-fault.js'
import type { EmbeddingsRecord } from './run-record.js'
import { sampleEmbeddings, untrainedEmbeddings } from './sample-run.fixture.js'

const whole = sampleEmbeddings()

describe('embeddingsFault', () => {
  it('finds none where all parts fit, or some were not recorded', () => {
    expect(embeddingsFault(whole)).toBeUndefined()
    expect(embeddingsFault(untrainedEmbeddings())).toBeUndefined()
    expect(embeddingsFault({ split: 'val', classNames: [], rows: [], labels: [], dim: 2 })).toBeUndefined()
  })

  it.each<[string, Partial<EmbeddingsRecord>]>([
    ['`embeddings.trained` has 3 numbers, not the 48 of 24 `rows` with 2 dimensions', { trained: whole.trained!.slice(0, 3) }],
    ['`embeddings.untrained` has 0 numbers, not the 48 of 24 `rows` with 2 dimensions', { untrained: [] }],
    ['`embeddings.labels` has 23 labels for the 24 `rows`', { labels: whole.labels.slice(1) }],
    ['`embeddings.labels[3]` is 3, not a label of the 3 `classNames`', { classNames: whole.classNames.slice(1) }],
    ['`embeddings.labels[0]` is 0.5, not a label of the 4 `classNames`', { labels: [0.5, ...whole.labels.slice(1)] }],
    ['`embeddings.dim` is 0, not a number of dimensions', { dim: 0 }],
    ['`embeddings.dim` is NaN, not a number of dimensions', { dim: NaN }],
  ])('says that %s', (fault, changes) => {
    expect(embeddingsFault({ ...whole, ...changes })).toBe(fault)
  })
})
