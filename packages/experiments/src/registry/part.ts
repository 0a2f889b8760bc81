import type { Distance, Loss, Miner, Module, Reducer, Regularizer } from '@metric-learning/contracts'
import type { AccuracyCalculator, Clustering, Metric } from '@metric-learning/evaluation'
import type { Scheduled } from '@metric-learning/ops'
import type { Shape } from '@metric-learning/schedules'
import type { Kind, Kinds } from './kinds.js'

/** Options that the experiment gives, so that nobody else has to. */
export const OF_EXPERIMENT = ['labels', 'splits', 'trunk', 'embedder', 'random', 'inputChannels', 'inputSize'] as const
/** Besides, of losses: what follows from data and networks. */
export const OF_LOSSES = ['numClasses', 'embeddingSize', 'descriptorsDim', 'l'] as const

type Given<K extends Kind> = (typeof OF_EXPERIMENT)[number] | (K extends 'losses' ? (typeof OF_LOSSES)[number] : never)

/** What a class or a function takes. */
type OptionsOf<M> = M extends abstract new (options: infer O) => unknown ? O : M extends (options: infer O) => unknown ? O : never

/** A value as it stands in a configuration: parts within by name. */
type Scripted<V> = V extends Scheduled
  ? never
  : V extends Shape
    ? Part<'shapes'>
    : V extends Distance
      ? Part<'distances'>
      : V extends Loss
        ? Part<'losses'>
        : V extends Miner
          ? Part<'miners'>
          : V extends Regularizer
            ? Part<'regularizers'>
            : V extends Reducer
              ? Part<'reducers'>
              : V extends AccuracyCalculator<string>
                ? Part<'accuracyCalculators'>
                : V extends Metric<string>
                  ? Part<'metrics'>
                  : V extends Clustering
                    ? Part<'clusterings'>
                    : V extends Module
                      ? Part<'embedders'>
                      : V extends readonly (infer E)[]
                        ? readonly Scripted<E>[]
                        : V

/** Numbers of options may be ranges, where a search looks for them. */
type Searched<V> = V extends number ? V | Range : V

type ScriptedOptions<K extends Kind, O> = O extends number | string ? O : { readonly [N in keyof O as Exclude<N, Given<K>>]: Searched<Scripted<O[N]>> }

/**
 * A part by its name, `'MeanReducer'`, or by its name with options, `{ LpDistance: { p: 1 } }`; one of your own by a package, or a file
 * beside the configuration, and what it exports: `'@acme/losses#SpreadLoss'`, `{ './spread-loss.js#SpreadLoss': { threshold: 0.1 } }`.
 */
export type Part<K extends Kind> =
  | (keyof Kinds[K] & string)
  | { [N in keyof Kinds[K] & string]: { readonly [M in N]: ScriptedOptions<K, NonNullable<OptionsOf<Kinds[K][N]>>> } }[keyof Kinds[K] & string]
  | `${string}#${string}`
  | Readonly<Record<`${string}#${string}`, unknown>>

/** Where a search may look for a number, or for one of several values. */
export type Range =
  /** Any number between the two, each as likely. */
  | { readonly uniform: readonly [low: number, high: number] }
  /** The same of its logarithm, for rates and scales. */
  | { readonly logUniform: readonly [low: number, high: number] }
  /** Any integer from the first to the second. */
  | { readonly integer: readonly [low: number, high: number] }
  /** One of a list. */
  | { readonly choice: readonly (string | number | boolean)[] }
