import type { BackendName } from '@metric-learning/backend'
import type { UnloggedPart } from '@metric-learning/core'
import type { AugmentedOptions } from '@metric-learning/datasets'
import type { Precision } from '@metric-learning/ops'
import type { Part, Range } from '../registry/part.js'

/** One thing to minimise; see `Objective` of core. */
export interface ObjectiveConfiguration {
  readonly loss: Part<'losses'>
  /** Selects the pairs or triplets. Default: all that the labels allow. */
  readonly miner?: Part<'miners'>
  /** Factor in the total. Default 1. */
  readonly weight?: number | Range
  /** For the loss's own parameters, if it has any. Default `Adam`. */
  readonly optimizer?: Part<'optimizers'>
  /** Names the term in logs. Default: the loss's name. */
  readonly name?: string
  /** The output of the scheme that it judges. Default `'embeddings'`. */
  readonly of?: string
  /** The output that this is compared with. Default: itself. */
  readonly against?: string
}

/** A learning rate and the course that it takes. */
export interface ScheduleConfiguration {
  /** The optimizer, by its name: `'trunk'`, `'embedder'`, `'losses.<objective>'`, or `'all'`. */
  readonly of: string
  readonly shape: Part<'shapes'>
  /** What positions of the shape count. Left out for `onPlateau` alone. */
  readonly by?: 'step' | 'epoch'
}

/** How networks are trained. Said once for all methods; a method may say otherwise. */
export interface TrainingConfiguration {
  /** From images to features. */
  readonly trunk: Part<'trunks'>
  /** A safetensors file that the trunk begins with, as `saveModule` or a run left it, or of torchvision for its ResNets, whose classifier is passed over. Images are taken as they come. Default: weights are drawn. Published ones with the normalisation that they want: `trunk: { pretrainedTrunk: { name, file } }`. */
  readonly weights?: string
  /** From features to embeddings; null: the trunk gives them. Default null. */
  readonly embedder?: Part<'embedders'> | null
  /** What a step computes. Default `'metricLossOnly'`: trunk, then embedder. */
  readonly scheme?: Part<'schemes'>
  readonly sampler: Part<'samplers'>
  /** By the names of modules or paths of their parameters. Default: an `Adam` each. */
  readonly optimizers?: Readonly<Record<string, Part<'optimizers'>>>
  readonly schedules?: readonly ScheduleConfiguration[]
  /** Beside recorder, checkpoints and logs. */
  readonly plugins?: readonly Part<'plugins'>[]
  /** Of training images, drawn anew each time. Default: none. */
  readonly augmentation?: Omit<AugmentedOptions, 'seed'>
  readonly epochs: number
  /** Samples that go through the networks at once. Default: all of a batch. */
  readonly chunkSize?: number
  /** What layers compute in. Default `'float32'`. */
  readonly precision?: Precision
}

/** What is compared with others: what it minimises, and how it is trained where that is another way. */
export interface MethodConfiguration extends Partial<TrainingConfiguration> {
  readonly objectives: readonly ObjectiveConfiguration[]
}

/** Which classes or samples are judged, and trained on. */
export type SplitConfiguration =
  /** As it was published. Default, where a data set was published with a split. */
  | 'published'
  /** The first classes to train on, this share of all of them; the others to judge. Default elsewhere, with 0.5. */
  | { readonly classes: number }
  /** This share of the samples of each class to train on; the others to judge. */
  | { readonly samples: number }

/** Search for the numbers of a method that are ranges; by the metric on validation folds alone. */
export interface SearchConfiguration {
  /** `'random'`: each trial trains to the end. `'successiveHalving'`: all begin with few epochs, and the best share goes on. */
  readonly strategy: 'random' | 'successiveHalving'
  /** Of each method that has ranges. */
  readonly trials: number
  /** Folds on which a trial is judged, by their mean. Default: all. */
  readonly folds?: number
  /** Of successive halving: one in so many trials goes on, with so many times the epochs. Default 3. */
  readonly factor?: number
  /** Of successive halving: epochs of the first rung. Default 1. */
  readonly minEpochs?: number
  /** What is drawn follows from it. Default 0. */
  readonly seed?: number
}

/**
 * Cross-validation as in A Metric Learning Reality Check (Musgrave et al., arXiv:2003.08505, section 3): the first half of the classes in
 * folds that share no class, of which each is left out once for validation; the epoch that is best there counts. The second half of the
 * classes is the test set, which nothing is chosen by. Repeats are the `seeds`.
 */
export interface ProtocolConfiguration {
  /** Default 4. */
  readonly folds?: number
  /** Share of the classes that are cross-validated on; the others are the test set. Default 0.5. */
  readonly trainFraction?: number
  /** Default: none; methods have no ranges then. */
  readonly search?: SearchConfiguration
}

/** All that an experiment is. See docs/experiments.md. */
export interface ExperimentConfiguration extends TrainingConfiguration {
  /** Of its folder. */
  readonly name: string
  readonly data: Part<'dataSets'>
  readonly split?: SplitConfiguration
  /** What is compared, by name. */
  readonly methods: Readonly<Record<string, MethodConfiguration>>
  /** Default `'GlobalEmbeddingSpaceTester'`. */
  readonly testers?: readonly Part<'testers'>[]
  /** The metric by which the best epoch, the best trial and the best method are told. Default `'meanAveragePrecisionAtR'`. */
  readonly metric?: string
  /** Each method is trained once with each. Default [0]. */
  readonly seeds?: readonly number[]
  /** Which epoch is the result of a run: the last, or the best by the metric. A sweep always takes the best on its validation fold. Default `'last'`. */
  readonly result?: 'last' | 'best'
  /** Cross-validation, for `metric-learning sweep`. */
  readonly protocol?: ProtocolConfiguration
  /** Steps between two looks at the loss. Default 20. */
  readonly logEverySteps?: number
  /** Parts of the log that are left out, for the time they take: `'validationLoss'`, and others of `Trainer`. Default none. */
  readonly unlogged?: readonly UnloggedPart[]
  /** Steps between two checkpoints within an epoch. Default: one at the end of each epoch. */
  readonly checkpointEverySteps?: number
  /** Whether files for TensorBoard are written. Default true in runs, false in sweeps. */
  readonly tensorBoard?: boolean
  /** What computes. Default `'auto'`. */
  readonly backend?: BackendName
}

/** Gives an experiment back: for its types, in a file of TypeScript or JavaScript whose default export it is. */
export const defineExperiment = (configuration: ExperimentConfiguration): ExperimentConfiguration => configuration
