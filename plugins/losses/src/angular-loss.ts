import * as tf from '@tensorflow/tfjs-core'
import type { Block, LossTerms } from '@metric-learning/contracts'
import { expectDistance, LpDistance } from '@metric-learning/distances'
import { blockwise, gatherColumns, rowsOfBlock, scalars, withoutGradient, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { expectDegrees, toRadians } from './base/degrees.js'
import { logSumExp } from './base/log-sum-exp.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'

/** Options of {@link AngularLoss}. */
export interface AngularLossOptions extends MetricLossOptions {
  /** The largest angle at the negative that costs little. In degrees, below 90. Default 40. May be scheduled. */
  readonly alpha?: Schedulable
  /**
   * Normalises negatives as well, as the paper does; with false they are taken as they are, so that the loss
   * depends on the scale of the embeddings, as that of PyTorch Metric Learning. Default true.
   */
  readonly normalizeNegatives?: boolean
}

/**
 * log(1 + Σ_n exp(4 tan²α (a + p) · n - 2 (1 + tan²α) a · p)) for every positive pair a, p, where n
 * runs over all references of another class than the anchor; all embeddings are normalised.
 *
 * One term, `loss`, over positive pairs [n, k]; k is the largest number of positives of an anchor. Takes
 * pairs, triplets (as their pairs) and reference sets: the positive pairs are those selected, the negatives
 * always come from the labels, but without a selected negative pair the loss is 0. The distance is
 * {@link LpDistance} with its defaults and no other; default reducer {@link MeanReducer}. Memory O(n k m), in blocks
 * of anchors beyond {@link blockBytes}.
 *
 * Wang et al.: Deep Metric Learning with Angular Loss (ICCV 2017), its angular loss over batches, in the form of PyTorch
 * Metric Learning.
 *
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class AngularLoss extends MetricLoss {
  /** In degrees. */
  readonly alpha: Schedulable
  readonly normalizeNegatives: boolean

  constructor(options: AngularLossOptions = {}) {
    super('AngularLoss', options, {
      options: ['alpha', 'normalizeNegatives'],
      distance: () => new LpDistance(),
      reducer: () => new MeanReducer(),
    })
    const { alpha = 40, normalizeNegatives = true } = options
    expectDegrees(this.name, 'alpha', alpha, 89)
    expectDistance(this.name, this.distance, 'LpDistance', { normalizeEmbeddings: true, p: 2, power: 1 })
    this.alpha = alpha
    this.normalizeNegatives = normalizeNegatives
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { embeddings, references, relations } = inputs
    const { positiveIndex, weights } = inputs.positivePairs()
    const anchors = this.distance.normalize(embeddings)
    const positives = references === embeddings ? anchors : this.distance.normalize(references)
    const negatives = this.normalizeNegatives ? positives : references
    const values = blockwise(
      {
        rows: [gatherColumns(tf.matMul(anchors, positives, false, true), positiveIndex), tf.matMul(anchors, negatives, false, true)],
        whole: [tf.matMul(positives, negatives, false, true)],
        constants: [positiveIndex, relations.negatives()],
      },
      rowsOfBlock(positiveIndex.shape[1] * relations.referenceCount),
      (block) => this.#entropies(block),
    )
    const hasNegatives = withoutGradient(() => tf.step(tf.sum(inputs.pairs().negative)))
    return { loss: { over: 'pair', values, weights: tf.mul(weights, hasNegatives) } }
  }

  /** log(1 + Σ_n exp(…)) for positive pairs of some anchors: float32 [rows, k]. */
  #entropies({ rows: [anchorPositive, anchorNegative], whole: [positiveNegative], constants: [index, isNegative] }: Block): tf.Tensor {
    const squaredTangent = scalars.square(scalars.tan(toRadians(this.alpha)))
    const ofPair = scalars.mul(2, scalars.add(1, squaredTangent))
    const toNegatives = tf.add(tf.expandDims(anchorNegative!, 1), tf.gather(positiveNegative!, index as tf.Tensor2D))
    const exponents = tf.sub(tf.mul(toNegatives, scalars.mul(4, squaredTangent)), tf.mul(tf.expandDims(anchorPositive!, 2), ofPair))
    return logSumExp(exponents, tf.expandDims(isNegative!, 1), { addOne: true })
  }
}
