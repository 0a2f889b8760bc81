import type { Dataset } from '@metric-learning/contracts'
import type { RunRecord } from '@metric-learning/report'
import { describe, expect, it } from 'vitest'
import { cautions, cautionsOfRuns } from './cautions.js'
import type { ComparisonData } from './data.js'
import { parseCommand } from './options.js'

const images = (classes: number, each: number): Dataset => ({
  name: 'images',
  labels: Int32Array.from({ length: classes * each }, (_, row) => Math.floor(row / each)),
  classNames: Array.from({ length: classes }, (_, label) => String(label)),
  sampleShape: [8, 8, 3],
  load: () => Promise.reject(new Error('not loaded')),
})

const data = (trained: Dataset, heldOut: Dataset): ComparisonData => ({ train: trained, heldOut, description: '', judgedOn: '', inverted: false })

describe('cautions', () => {
  it('says that 6 classes of 20 are too little for a figure to be trusted, and few to judge by', () => {
    const { options } = parseCommand([])
    expect(cautions(data(images(4, 20), images(2, 20)), options)).toEqual([
      '80 images of 4 classes, in 25 steps in all, are too little for a figure on classes never seen to be trusted, and more epochs do not mend it: ' +
        'add classes, or pass --split samples to be judged on those there are.',
      '40 images of 2 classes are few to judge by: each one changes P@1 by 0.025.',
    ])
  })

  it('says that steps are too few where classes are enough, or known', () => {
    const few = parseCommand(['--epochs', '2']).options
    expect(cautions(data(images(20, 16), images(9, 20)), few)).toEqual(['320 images of 20 classes, in 10 steps in all, are too little for a figure to be trusted: --epochs 20 makes 100 steps.'])
    const samples = parseCommand(['--data', 'a', '--split', 'samples', '--epochs', '1']).options
    expect(cautions(data(images(2, 6), images(2, 100)), samples)).toEqual(['12 images of 2 classes, in 1 step in all, are too little for a figure to be trusted: --epochs 100 makes 100 steps.'])
  })

  it('says which held-out images cannot be judged', () => {
    const heldOut = { ...images(100, 2), labels: Int32Array.from({ length: 199 }, (_, row) => Math.floor(row / 2)) }
    expect(cautions(data(images(245, 100), heldOut), parseCommand([]).options)).toEqual([
      '1 of 199 held-out images are alone in their class: nothing is like them, and rankings leave them out.',
    ])
  })

  it('says nothing of the data of the comparison', () => {
    expect(cautions(data(images(245, 100), images(100, 20)), parseCommand([]).options)).toEqual([])
  })
})

describe('cautionsOfRuns', () => {
  const run = (name: string, ...metrics: readonly Record<string, number>[]): RunRecord => ({
    name, result: 'last', status: 'complete', plannedEpochs: 1, epochs: [], losses: [],
    evaluations: metrics.map((heldOut, epoch) => ({ epoch, step: epoch, tester: 'tester', metrics: { heldOut }, isBest: false, seconds: 1 })),
  })

  it('says which run diverged: its last embeddings are one point, of which there are no metrics', () => {
    const { options } = parseCommand(['--learning-rate', '1000'])
    const runs = [run('Triplet', { precisionAt1: 0.7 }, {}), run('ArcFace', { precisionAt1: 0.7 }, { precisionAt1: 0.8 }), run('Stopped', {})]
    expect(cautionsOfRuns(runs, options)).toEqual([
      'Triplet: all held-out embeddings met in one point, so that there is nothing to judge. Training has diverged: ' +
        'begin a new run with a --learning-rate below 1000.',
    ])
  })
})
