import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { AccuracyCalculator } from '../accuracy/accuracy-calculator.js'
import { ExactNeighbourIndex } from '../neighbours/exact-neighbour-index.js'
import { cmc } from './cmc.js'
import { fnmrAtFmr } from './fnmr-at-fmr.js'
import { knnClassifierAccuracy } from './knn-classifier-accuracy.js'
import { nearestCentroidAccuracy } from './nearest-centroid-accuracy.js'
import { precisionAtK } from './precision-at-k.js'
import { recallAtK } from './recall-at-k.js'

const page = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8')

const AT = [0, 1, 4.2, 2.2, 6.5, 9, 8.2]
const LABELS = ['a', 'a', 'a', 'b', 'b', 'c', 'c']
const query = { embeddings: Float32Array.from(AT), dim: 1 }
const metrics = [recallAtK(3), precisionAtK(3), knnClassifierAccuracy(3), cmc(1), nearestCentroidAccuracy(), fnmrAtFmr(0.1)]
const kmeans = { cluster: () => Promise.resolve(Int32Array.of(0, 0, 1, 0, 1, 2, 2)) }
const calculator = new AccuracyCalculator({ metrics, kmeans })

/** The number in bold that ends the example of each section. */
const examples = page.split(/^### /m).slice(1).map((section) => {
  const name = /^.*\(`(.+)`\)$/m.exec(section)![1]!
  return [name, /^Example:[^*]*\*\*(\d\.\d{3})\*\*$/m.exec(section)?.[1]] as const
})

describe('docs/metrics.md', () => {
  it('has a section for each metric', () => {
    expect(examples.map(([name]) => name).sort()).toEqual([...calculator.metricNames].sort())
  })

  it.each(examples)('has the value of its example: %s', async (name, shown) => {
    const found = await calculator.getAccuracy({ query, queryLabels: LABELS })
    expect(shown).toBe((found.metrics as Record<string, number>)[name]!.toFixed(3))
  })

  it('has the neighbours of its example', async () => {
    const index = new ExactNeighbourIndex()
    await index.add(query)
    for await (const { rowCount, k, ids } of index.search({ k: 'all' })) {
      for (let row = 0; row < rowCount; row++) {
        const others = Array.from(ids.subarray(row * k, (row + 1) * k), (id) => `${id}${LABELS[id]}`)
        expect(page).toContain(`| ${row} | ${LABELS[row]} | ${AT[row]} | ${others.join(' ')} |`)
      }
    }
    index.dispose()
  })

  it('leads to each section from its table', () => {
    const anchors = [...page.matchAll(/^### (.*)$/gm)].map(([, title]) => `#${title!.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-')}`)
    for (const anchor of anchors) expect(page).toContain(`(${anchor})`)
  })
})
