import { expect, it } from 'vitest'
import { drawEmbeddings } from './draw-embeddings.js'
import { cellsOf } from './evaluation-page.js'
import { inertia } from './inertia.js'
import { measuredRows } from './rows.js'

const row = measuredRows.find(({ name }) => name === 'rank-10k')!
const values = { precisionAt1: 0.91234, rPrecision: 0.5, meanAveragePrecisionAtR: 0.25 }
const turn = (seconds: number) => ({ seconds, peak: 300.4, values })

it('compares medians', () => {
  expect(cellsOf(row, { ours: [turn(3), turn(1), turn(2)], peer: [turn(4)] })).toEqual([
    'P@1, R-precision, MAP@R', '10,000 x 512, 200 classes', '2.00', '4.00', '0.50x', '300', '300', '0.9123, 0.5000, 0.2500', '0.9123, 0.5000, 0.2500',
  ])
})

it('says why there is no number', () => {
  expect(cellsOf(row, { ours: [turn(2)], peer: [{ reason: 'more than 12 GiB' }] }).slice(2)).toEqual(['2.00', 'more than 12 GiB', '–', '300', '–', '0.9123, 0.5000, 0.2500', '–'])
  expect(cellsOf(row, { ours: [turn(2)], peer: undefined }).slice(2, 5)).toEqual(['2.00', '–', '–'])
})

it('finds a row by its work and embeddings', () => {
  const keys = measuredRows.map((one) => cellsOf(one, { ours: [{ reason: 'code 1' }], peer: undefined }).slice(0, 2).join())
  expect(new Set(keys).size).toBe(measuredRows.length)
})

it('draws embeddings of a shape, and measures how close clusters are', () => {
  const one = { n: 40, dim: 3, classes: 4, shape: { name: 'test', spread: 50, copies: 2, offset: 7, rank: 2 } }
  const drawn = drawEmbeddings(one)
  expect([...drawn.labels.subarray(0, 6)]).toEqual([0, 0, 1, 1, 2, 2])
  expect([...drawn.embeddings.subarray(0, 3)]).toEqual([...drawn.embeddings.subarray(3, 6)])
  expect(drawn.embeddings[2]).toBe(7)
  expect(inertia(drawn, drawn.labels)).toBeLessThan(inertia(drawn, new Int32Array(40)) / 50)
  expect(inertia({ embeddings: Float32Array.of(0, 2, 10), labels: new Int32Array(3) }, Int32Array.of(0, 0, 2))).toBe(2)
})
