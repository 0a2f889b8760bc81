import { describeValue, expectKnownOptions, expectMethods, expectNumber, expectOneOf, OptionError } from '@metric-learning/contracts'
import { expectList } from '../plan/expect-collections.js'
import { WATCHED_PARTS, type DefaultSchemeOptions, type RunOptions, type SchemeOptions, type UnloggedPart } from '../plan/run-options.js'
import type { PluginOptions } from '../plugin.js'

/** Options of a {@link Trainer}: `trunk` and `embedder`, or a `scheme`. */
export type TrainerOptions = RunOptions & PluginOptions & (DefaultSchemeOptions | SchemeOptions)

export interface TrainOptions {
  /** The run ends when this many epochs are done in all, those before this call included. */
  readonly epochs: number
}

/** @throws {OptionError} when an option is unknown, missing, or no number where one is wanted. */
export function expectTrainerOptions(options: TrainerOptions): void {
  const required = ['dataset', 'sampler'] as const
  const known = ['trunk', 'embedder', 'scheme', ...required, 'objectives', 'optimizers', 'seed', 'compile', 'precision', 'chunkSize', 'prefetch', 'logEverySteps', 'unlogged', 'plugins']
  expectKnownOptions('Trainer', options, known)
  const missing = required.find((name) => options[name] === undefined)
  if (missing !== undefined) {
    throw new OptionError({
      who: 'Trainer',
      wanted: `the options ${required.join(' and ')}`,
      got: `no \`${missing}\``,
      fix: `Pass \`${missing}\`.`,
    })
  }
  expectMethods('Trainer', 'dataset', options.dataset, ['load'], 'await imageFolder({ folder })')
  expectMethods('Trainer', 'sampler', options.sampler, ['batch'], 'new MPerClassSampler({ labels: dataset.labels, m: 4, batchSize: 64 })')
  if (options.plugins !== undefined) expectList('Trainer', 'plugins', options.plugins)
  expectNumber(options.sampler.name, 'batchesPerEpoch', options.sampler.batchesPerEpoch, { min: 1, integer: true, hint: 'An epoch without a batch trains nothing: shrink the batches, or take more samples.' })
  expectNumber(options.sampler.name, 'batchSize', options.sampler.batchSize, { min: 1, integer: true })
  // Defaults stand for what is left out alone: null would get past `??`, and into the first step.
  const { seed = 0, chunkSize = 1, prefetch = 0, logEverySteps = 1 } = options
  expectNumber('Trainer', 'seed', seed, { integer: true })
  expectNumber('Trainer', 'chunkSize', chunkSize, { min: 1, integer: true, hint: 'It is the number of samples that go through the modules at once; leave it out for all of a batch.' })
  expectNumber('Trainer', 'prefetch', prefetch, { min: 0, integer: true })
  expectNumber('Trainer', 'logEverySteps', logEverySteps, { min: 1, integer: true })
  const { unlogged = [] } = options
  if (!Array.isArray(unlogged)) throw new OptionError({ who: 'Trainer', wanted: '`unlogged` to be a list', got: describeValue(unlogged), fix: "Pass an array, also of one: `['gradients']`." })
  for (const part of unlogged) expectOneOf<UnloggedPart>('Trainer', 'unlogged', part as UnloggedPart, [...WATCHED_PARTS, 'validationLoss'])
}
