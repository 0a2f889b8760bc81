import { isMetricLearningError, OptionError, type Dataset, type Module, type Normalization, type Random } from '@metric-learning/contracts'
import { ImageDataset } from '@metric-learning/datasets'
import { loadModule, untrainedTrunk, type PretrainedTrunk, type PretrainedTrunkOptions } from '@metric-learning/models'
import type { TrainingConfiguration } from '../configuration/experiment-configuration.js'
import { Registry, type PartSpec } from '../registry/registry.js'
import { classSubset } from './class-subset.js'

/** What a trunk is made of. */
export interface TrunkParts {
  readonly trunk: TrainingConfiguration['trunk']
  readonly weights?: string | undefined
  readonly registry: Registry
  readonly inputChannels: number
  readonly random: Random
  /** Whether weights are drawn, whatever the configuration says of them. Default false. */
  readonly untrained?: boolean
  /** Where a field stands in the configuration, for errors. Default: there. */
  readonly place?: (field: string) => string
}

/** A trunk, and how it wants images to be normalised where its weights were published. */
export interface MadeTrunk {
  readonly trunk: Module
  readonly normalization?: Normalization
}

/**
 * The trunk that training begins with.
 *
 * @throws {MetricLearningError} when the part refuses its options or its weights, with the place in the configuration.
 */
export async function makeTrunk({ trunk: spec, weights, registry, inputChannels, random, untrained = false, place = (field) => field }: TrunkParts): Promise<MadeTrunk> {
  const [name, options] = Registry.split(spec as PartSpec)
  const isPublished = name === 'pretrainedTrunk'
  if (isPublished && weights !== undefined) {
    throw new OptionError({ who: 'experiment', wanted: '`weights` or `pretrainedTrunk`', got: 'both', fix: 'Leave `weights` out.', where: place('weights') })
  }
  if (isPublished && untrained) return { trunk: untrainedTrunk((options as PretrainedTrunkOptions).name, { random, inputChannels: inputChannels as 1 | 3 }) }
  const made = await registry.build<Module | Promise<Module | PretrainedTrunk>>('trunks', spec as PartSpec, place('trunk'), { inputChannels, random })
  if ('trunk' in made) return made
  try {
    if (weights !== undefined && !untrained) await loadModule(made, weights, /^ResNet\d/.test(name) ? { ignore: ['fc.'] } : {})
  } catch (error) {
    made.dispose()
    throw isMetricLearningError(error) ? error.in(place('weights')) : error
  }
  return { trunk: made }
}

/** Whether training begins with weights that were trained before. */
export const isPretrained = ({ trunk, weights }: Pick<TrainingConfiguration, 'trunk' | 'weights'>): boolean => weights !== undefined || Registry.split(trunk as PartSpec)[0] === 'pretrainedTrunk'

/** The same samples, normalised as a trunk wants them, or as those were that a trainer trained on. */
export function normalisedFor({ normalization }: Pick<MadeTrunk, 'normalization'>, dataset: Dataset): Dataset {
  if (normalization === undefined) return dataset
  return dataset instanceof ImageDataset ? dataset.withNormalization(normalization) : classSubset(dataset, dataset.name, [...dataset.classNames.keys()], normalization)
}
