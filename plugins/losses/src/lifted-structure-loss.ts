import * as tf from '@tensorflow/tfjs-core'
import type { Block, BlockInputs, LabelRelations, LossTerms } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { identityMatrix, relu, tensorOf, withoutGradient, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { byAnchor } from './base/by-anchor.js'
import { expectDistanceUnits } from './base/expect-distance-units.js'
import { isAbove } from './base/is-above.js'
import { logAddExp } from './base/log-add-exp.js'
import { logSumExp, nothing } from './base/log-sum-exp.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss } from './base/metric-loss.js'
import { pairTerm } from './base/pair-term.js'
import type { RepeatedPairsOptions } from './base/repeated-pairs.js'

/** Options of {@link LiftedStructureLoss}. */
export interface LiftedStructureLossOptions extends RepeatedPairsOptions {
  /** How far negatives should be. In units of the distance; for a similarity 0 makes sense. Default 1. May be scheduled. */
  readonly negMargin?: Schedulable
  /** How close positives should be. In units of the distance; for a similarity 1 makes sense. Default 0. May be scheduled. */
  readonly posMargin?: Schedulable
}

/**
 * ½ max(0, log Σ_n exp(negMargin - d_n) + d(a, p) - posMargin)² for every positive pair, where n runs over
 * the negatives of the anchor and of the positive; for a similarity the differences turn round.
 *
 * One term, `loss`, over pairs [n, m]. A reference has no negatives of its own, so that with a reference
 * set (unless it is the same set) n runs over the negatives of the anchor. A sum over no negatives
 * counts as 0, and without any negative at all the loss is 0. Default distance {@link LpDistance}, default
 * reducer {@link MeanReducer}. Takes pairs and triplets (as their pairs). Memory O(n m), in blocks of anchors beyond
 * {@link blockBytes}.
 *
 * Oh Song et al.: Deep Metric Learning via Lifted Structured Feature Embedding (CVPR 2016), eq. 4.
 *
 * @throws {OptionError} when an option is unknown, or a margin is no finite number or no cosine where the distance is one.
 */
export class LiftedStructureLoss extends MetricLoss {
  readonly negMargin: Schedulable
  readonly posMargin: Schedulable
  readonly countRepeats: boolean

  constructor(options: LiftedStructureLossOptions = {}) {
    super('LiftedStructureLoss', options, {
      options: ['negMargin', 'posMargin', 'countRepeats'],
      distance: () => new LpDistance(),
      reducer: () => new MeanReducer(),
      labels: 'unlessSelected',
    })
    const { negMargin = 1, posMargin = 0, countRepeats = false } = options
    expectDistanceUnits(this.name, 'negMargin', negMargin, this.distance)
    expectDistanceUnits(this.name, 'posMargin', posMargin, this.distance)
    this.negMargin = negMargin
    this.posMargin = posMargin
    this.countRepeats = countRepeats
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { positive, negative } = inputs.pairs(this.countRepeats)
    const distances = this.distance.matrix(inputs.embeddings, inputs.references)
    const ofAnchors = byAnchor(distances, [negative], (own, negatives) => logSumExp(this.distance.margin(tensorOf(this.negMargin), own), negatives))
    const hasNegatives = withoutGradient(() => tf.step(tf.sum(negative)))
    const term = pairTerm({
      ...negativeSums(ofAnchors, negative, distances, inputs.relations),
      weights: tf.mul(positive, hasNegatives),
      values: (block) => {
        const violation = relu(tf.add(ofEitherSide(block), this.distance.margin(block.rows[0]!, tensorOf(this.posMargin))))
        return tf.div(tf.square(violation), 2)
      },
    })
    return { loss: term }
  }
}

/**
 * What the log-sums over the negatives of anchor and positive are formed from: the distances, log-sums of the anchors [n, 1]
 * and, where a positive is an anchor itself, of the positives [1, m], and who is the same.
 *
 * @param ofAnchors log-sums over the negatives of each anchor, float32 [n]
 */
function negativeSums(
  ofAnchors: tf.Tensor,
  negative: tf.Tensor2D,
  distances: tf.Tensor2D,
  { sameSet, queryCount, referenceCount }: LabelRelations,
): BlockInputs {
  if (!sameSet) return { rows: [distances, tf.expandDims(ofAnchors, 1)] }
  const hasNegatives = withoutGradient(() => isAbove(tf.max(negative, 1), 0))
  const sums = tf.where(tf.cast(hasNegatives, 'bool'), ofAnchors, tf.fill(ofAnchors.shape, nothing))
  const ofPositives = tf.expandDims(tf.pad(sums, [[0, referenceCount - queryCount]], nothing), 0)
  return { rows: [distances, tf.expandDims(sums, 1)], whole: [ofPositives], constants: [identityMatrix(queryCount, referenceCount)] }
}

/** The log-sums over the negatives of anchor and positive: [rows, m], or [rows, 1] where a positive is no anchor itself. */
function ofEitherSide({ rows: [, ofAnchors], whole: [ofPositives], constants: [isSame] }: Block): tf.Tensor {
  if (!ofPositives) return ofAnchors!
  // An anchor that is its own positive has its negatives once.
  return tf.sub(logAddExp(ofAnchors as tf.Tensor2D, ofPositives as tf.Tensor2D), tf.mul(isSame!, Math.LN2))
}
