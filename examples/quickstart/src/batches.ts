import { OptionError, type Dataset } from '@metric-learning/contracts'
import type { MPerClassSamplerOptions } from '@metric-learning/samplers'
import type { QuickstartOptions } from './options.js'
import { RECIPE } from './recipe.js'

/**
 * Refuses batches that no data makes possible, before any is read.
 *
 * @throws {OptionError} when their size is no multiple of m, or less than two classes, or a loss over pairs would never have a positive.
 */
export function expectBatches({ batchSize: size, samplesPerClass: m, losses }: QuickstartOptions): void {
  if (m === 1 && losses.includes('triplet')) {
    throw new OptionError({
      who: 'quickstart',
      wanted: '--samples-per-class of at least 2',
      got: '1: Triplet loss will never have a positive',
      fix: 'Pass --samples-per-class 2 or more, or --loss arcface.',
    })
  }
  if (size === undefined || (size % m === 0 && size >= 2 * m)) return
  throw new OptionError({
    who: 'quickstart',
    wanted: `--batch-size to be a multiple of --samples-per-class ${m}, ${2 * m} or more`,
    got: String(size),
    fix: `Pass --batch-size ${m * Math.max(2, Math.floor(size / m))}, or leave it out.`,
  })
}

/**
 * Of an `MPerClassSampler`: batches of m images of each of several classes, as large as asked for, otherwise as the recipe says or as a small
 * folder allows.
 *
 * @throws {OptionError} when such batches can't be had.
 */
export function batchesOf({ labels, classNames }: Dataset, options: QuickstartOptions): Omit<MPerClassSamplerOptions, 'labels'> {
  const { samplesPerClass: m, allowRepeats } = options
  const most = m * classNames.length
  const size = options.batchSize ?? m * Math.max(2, Math.floor(Math.min(RECIPE.batchSize, most) / m))
  // With repeats a batch may be larger than the folder.
  const lengthBeforeNewIter = Math.max(labels.length, size)
  if (size % m === 0 && size >= 2 * m && size <= most) return { m, batchSize: size, lengthBeforeNewIter, allowRepeats, allowUnpaired: m === 1 }
  throw new OptionError({
    who: 'quickstart',
    wanted: `--batch-size to be a multiple of --samples-per-class ${m}, from ${2 * m} to ${most} for ${classNames.length} classes to train on`,
    got: String(size),
    fix: `Pass --batch-size ${Math.min(m * Math.max(2, Math.floor(size / m)), most)}, or leave it out.`,
  })
}
