import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, Labels, MineOptions, Miner, PairSelection } from '@metric-learning/contracts'
import { withoutGradient, type Comparison } from '@metric-learning/ops'
import { MetricMiner } from './metric-miner.js'

/**
 * What miners of pairs share. A miner of one's own says which pairs it keeps:
 *
 * @example
 * class ClosePairMiner extends PairMiner {
 *   constructor() {
 *     super('ClosePairMiner', {}, { options: [], distance: () => new LpDistance() })
 *   }
 *   protected selectPairs({ embeddings, references, relations }: Comparison) {
 *     const isClose = tf.step(tf.sub(1, this.distance.matrix(embeddings, references)))
 *     return { positive: tf.mul(relations.positives(), isClose), negative: tf.mul(relations.negatives(), isClose) }
 *   }
 * }
 */
export abstract class PairMiner extends MetricMiner implements Miner<PairSelection> {
  /**
   * The weights of both kinds of pairs, float32 [n, m]. It runs inside `tf.tidy`, off the gradient
   * tape, and must not read a value back from the device.
   */
  protected abstract selectPairs(comparison: Comparison): Omit<PairSelection, 'kind'>

  mine(embeddings: tf.Tensor2D, labels: Labels | LabelRelations, options: MineOptions = {}): PairSelection {
    return tf.tidy(() => {
      const comparison = this.compare(embeddings, labels, options)
      const both = withoutGradient(() => {
        const { positive, negative } = this.selectPairs(comparison)
        return tf.stack([positive, negative])
      })
      const [positive, negative] = tf.unstack(both) as [tf.Tensor2D, tf.Tensor2D]
      return { kind: 'pairs' as const, positive, negative }
    })
  }
}
