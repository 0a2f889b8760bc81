import { MetricLearningError, Random } from '@metric-learning/core'
import { describe, expect, it } from 'vitest'
import { toOptions } from '../../../tools/golden/construct.js'
import type { GoldenCase } from '../../../tools/golden/golden-case.js'
import { readGolden } from '../../../tools/golden/read-golden.js'
import { MPerClassSampler, type MPerClassSamplerOptions } from './m-per-class-sampler.js'

// PyTorch Metric Learning's defaults: an epoch of 100,000, and classes of any size.
const make = (of: GoldenCase) =>
  new MPerClassSampler({
    labels: of.inputs.labels as number[],
    lengthBeforeNewIter: 100_000,
    allowRepeats: true,
    ...(toOptions(of.args, {}) as Pick<MPerClassSamplerOptions, 'm'>),
  })

function check(of: GoldenCase): void {
  const { batch, batches, classes_per_batch, samples_per_class, indices_per_pass } = of.expected
  const labels = of.inputs.labels as number[]
  const sampler = make(of)
  expect(sampler.batchSize).toBe(batch)
  expect(sampler.batchesPerEpoch).toBe(batches)
  expect(sampler.batchSize * sampler.batchesPerEpoch).toBe(indices_per_pass)

  let drawn = 0
  for (const rows of sampler.batches(new Random(0))) {
    drawn += 1
    const classes = Array.from(rows, (row) => labels[row]!)
    expect(new Set(classes).size).toBe(classes_per_batch)
    for (let start = 0; start < rows.length; start += samples_per_class as number) {
      const block = classes.slice(start, start + (samples_per_class as number))
      expect(new Set(block).size).toBe(1)
      const available = labels.filter((label) => label === block[0]).length
      const different = new Set(rows.slice(start, start + block.length)).size
      if (available >= block.length) expect(different).toBe(block.length)
    }
    if (drawn === 200) return
  }
  expect(drawn).toBe(batches)
}

describe('MPerClassSampler as in PyTorch Metric Learning', () => {
  // `length` is not compared: PyTorch Metric Learning says 10 for 24 indices where an epoch is below one pass.
  for (const of of readGolden('samplers')) {
    it(of.id, () => {
      if (of.expected.error) expect(() => make(of)).toThrow(MetricLearningError)
      else check(of)
    })
  }
})
