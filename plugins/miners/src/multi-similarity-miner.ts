import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type PairSelection } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { tensorOf, type Comparison, type Schedulable } from '@metric-learning/ops'
import type { MetricMinerOptions } from './base/metric-miner.js'
import { PairMiner } from './base/pair-miner.js'

/** Options of {@link MultiSimilarityMiner}. */
export interface MultiSimilarityMinerOptions extends MetricMinerOptions {
  /** How far a pair may be on the right side of the hardest opposite one and still be kept. Default 0.1. May be scheduled. */
  readonly epsilon?: Schedulable
}

/** Beyond any distance or similarity: stands in for "there is none". */
const unreachable = 1e30

/**
 * Keeps the pairs of an anchor that are informative beside its hardest opposite pair.
 *
 * For a similarity: the positive p if s(a, p) - ε < max_n s(a, n), the negative n if
 * s(a, n) + ε > min_p s(a, p). For a distance the same with all signs turned. An anchor without
 * negatives keeps no positives, and the other way round. Default distance {@link CosineSimilarity}.
 *
 * Wang et al.: Multi-Similarity Loss with General Pair Weighting (CVPR 2019), section 4: pair mining.
 *
 * @throws {OptionError} when an option is unknown, or `epsilon` is not a finite number.
 */
export class MultiSimilarityMiner extends PairMiner {
  readonly epsilon: Schedulable

  constructor(options: MultiSimilarityMinerOptions = {}) {
    super('MultiSimilarityMiner', options, { options: ['epsilon'], distance: () => new CosineSimilarity() })
    const { epsilon = 0.1 } = options
    expectNumber(this.name, 'epsilon', epsilon)
    this.epsilon = epsilon
  }

  protected selectPairs({ embeddings, references, relations }: Comparison): Omit<PairSelection, 'kind'> {
    // How far apart, in either orientation: a similarity counts negatively.
    const apart = this.distance.margin(this.distance.matrix(embeddings, references), 0) as tf.Tensor2D
    const epsilon = tensorOf(this.epsilon)
    const [positive, negative] = [relations.positives(), relations.negatives()]
    const nearestNegative = tf.min<tf.Tensor2D>(whereOr(negative, apart, unreachable), 1, true)
    const farthestPositive = tf.max<tf.Tensor2D>(whereOr(positive, apart, -unreachable), 1, true)
    return {
      positive: tf.mul(positive, isGreater(tf.add(apart, epsilon), nearestNegative)),
      negative: tf.mul(negative, isGreater(farthestPositive, tf.sub(apart, epsilon))),
    }
  }
}

const whereOr = (mask: tf.Tensor2D, values: tf.Tensor2D, otherwise: number): tf.Tensor2D =>
  tf.where(tf.cast(mask, 'bool'), values, tf.fill(values.shape, otherwise))

const isGreater = (x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D => tf.cast(tf.greater<tf.Tensor2D>(x, y), 'float32')
