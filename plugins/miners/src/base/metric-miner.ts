import type * as tf from '@tensorflow/tfjs-core'
import {
  expectKnownOptions,
  expectMethods,
  type Distance,
  type LabelRelations,
  type Labels,
  type MineOptions,
} from '@metric-learning/contracts'
import { compareEmbeddings, type Comparison } from '@metric-learning/ops'

/** Options every miner takes. */
export interface MetricMinerOptions {
  /** How embeddings are compared. Each miner names its default. */
  readonly distance?: Distance
}

/** What a miner says about itself. */
export interface MetricMinerSetup {
  /** The options that it takes beyond {@link MetricMinerOptions}. */
  readonly options: readonly string[]
  /** Makes the distance to use when none is given. */
  readonly distance: () => Distance
}

/**
 * Options and checks that miners share, whether they select pairs or triplets.
 *
 * @throws {OptionError} when an option is unknown.
 */
export abstract class MetricMiner {
  readonly distance: Distance

  constructor(
    readonly name: string,
    options: MetricMinerOptions,
    setup: MetricMinerSetup,
  ) {
    expectKnownOptions(name, options, [...setup.options, 'distance'])
    if (options.distance) expectMethods(name, 'distance', options.distance, ['matrix', 'margin'], 'new LpDistance()')
    this.distance = options.distance ?? setup.distance()
  }

  /** Checks the arguments of `mine`, and fills in what was left out. */
  protected compare(embeddings: tf.Tensor2D, labels: Labels | LabelRelations, options: MineOptions): Comparison {
    expectKnownOptions(`${this.name}.mine`, options, ['references', 'position'])
    return compareEmbeddings(this.name, embeddings, labels, options.references)
  }
}
