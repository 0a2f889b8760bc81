import type { BatchSampler } from '@metric-learning/contracts'
import { toOptions, type Registry } from './construct.js'
import { expectEqual } from './expect-close.js'
import type { GoldenCase } from './golden-case.js'

/** Why a case cannot be put to a sampler yet. */
export function skipSampler(of: GoldenCase): string | undefined {
  return of.class === 'MPerClassSampler' ? undefined : `properties of ${of.class} are not checked yet`
}

/**
 * Checks the properties of real draws of MPerClassSampler, with PyTorch Metric Learning's defaults: an epoch of 100,000,
 * and classes of any size. `length` is not compared: it says 10 for 24 indices where an epoch is below one pass.
 */
export function checkSampler(of: GoldenCase, registry: Registry): void {
  const labels = of.inputs.labels as number[]
  const defaults = { labels, lengthBeforeNewIter: 100_000, allowRepeats: true }
  const sampler = new registry[of.class!]!({ ...defaults, ...toOptions(of.args, registry) } as never) as BatchSampler
  const { batch, batches, classes_per_batch, samples_per_class, indices_per_pass } = of.expected
  expectEqual('batch size', sampler.batchSize, batch, of)
  expectEqual('batches', sampler.batchesPerEpoch, batches, of)
  expectEqual('indices of an epoch', sampler.batchSize * sampler.batchesPerEpoch, indices_per_pass, of)

  for (let number = 0; number < Math.min(sampler.batchesPerEpoch, 200); number++) {
    const rows = sampler.batch({ seed: 0, epoch: 1, batch: number })
    const classes = Array.from(rows, (row) => labels[row]!)
    expectEqual('classes of a batch', new Set(classes).size, classes_per_batch, of)
    for (let start = 0; start < rows.length; start += samples_per_class as number) {
      const block = classes.slice(start, start + (samples_per_class as number))
      expectEqual('classes of a block', new Set(block).size, 1, of)
      const available = labels.filter((label) => label === block[0]).length
      const different = new Set(rows.slice(start, start + block.length)).size
      if (available >= block.length) expectEqual('different samples of a block', different, block.length, of)
    }
  }
}
