import { AccuracyCalculator } from '@metric-learning/evaluation'
import { describe, expect, it } from 'vitest'
import { joined, judge } from './judge-trunk.js'

const calculator = new AccuracyCalculator({ include: ['precisionAt1', 'rPrecision'] })
const labelled = (rows: readonly (readonly number[])[], labels: readonly number[]) => ({ embeddings: { embeddings: Float32Array.from(rows.flat()), dim: rows[0]!.length }, labels: Int32Array.from(labels) })

describe('judge', () => {
  it('gives metrics, and no note where all have a value', async () => {
    expect(await judge(calculator, labelled([[0], [1], [8], [9]], [0, 0, 1, 1]))).toEqual({ metrics: { precisionAt1: 1, rPrecision: 1 } })
  })

  it('takes nothing for a result that embeddings have no part in', async () => {
    // Of one point rankings are the order of the rows, in which classes lie together.
    expect(await judge(calculator, labelled([[3], [3], [3], [3]], [0, 0, 1, 1]))).toEqual({ metrics: {}, note: expect.stringMatching(/^no precisionAt1, rPrecision: All embeddings are one point/) as string })
    expect(await judge(calculator, labelled([[0], [1], [8]], [0, 0, 0]))).toEqual({ metrics: {}, note: 'no precisionAt1, rPrecision: All references match.' })
  })

  it('says why there is no value', async () => {
    expect(await judge(calculator, labelled([[0], [1], [8]], [0, 1, 2]))).toEqual({ metrics: {}, note: 'no precisionAt1, rPrecision: No query has a match among the references.' })
  })
})

it('puts embeddings of several networks side by side', () => {
  const parts = [{ embeddings: Float32Array.of(1, 2, 3, 4), dim: 2 }, { embeddings: Float32Array.of(5, 6), dim: 1 }]
  expect(joined(parts)).toEqual({ embeddings: Float32Array.of(1, 2, 5, 3, 4, 6), dim: 3 })
})
