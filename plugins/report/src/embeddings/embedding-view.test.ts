import { describe, expect, it } from 'vitest'
import { sampleEmbeddings, sampleRun, untrainedEmbeddings } from '../record/sample-run.fixture.js'
import type { EmbeddingsRecord } from '../record/run-record.js'
import { embeddingViews } from './embedding-view.js'

const run = (name: string, embeddings: EmbeddingsRecord) => sampleRun(name, undefined, { embeddings })
const recorded = sampleEmbeddings()

describe('embeddingViews', () => {
  it('shares one untrained view among runs that began alike', () => {
    const { views } = embeddingViews([run('A', recorded), run('B', recorded)])!
    expect(views.map(({ name, series }) => [name, series])).toEqual([
      ['Untrained', undefined],
      ['A', 0],
      ['B', 1],
    ])
  })

  it('has an untrained view each for runs that did not', () => {
    const other = { ...recorded, untrained: recorded.untrained!.map((value) => value + 1) }
    const { views } = embeddingViews([run('A', recorded), run('B', other)])!
    expect(views.map(({ name }) => name)).toEqual(['Untrained (A)', 'Untrained (B)', 'A', 'B'])
  })

  it('leaves out what was not recorded, and says who looked at other samples', () => {
    const other = { ...recorded, rows: recorded.rows.map((row) => row + 1) }
    const { views, others } = embeddingViews([run('A', untrainedEmbeddings()), run('B', other), sampleRun('C')])!
    expect(views.map(({ name }) => name)).toEqual(['Untrained'])
    expect(others).toEqual(['B'])
    expect(embeddingViews([sampleRun('C')])).toBeUndefined()
  })
})
