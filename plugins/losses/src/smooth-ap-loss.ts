import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, LabelError, rowsByLabel, type LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity, expectDistance } from '@metric-learning/distances'
import { sumOver, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'
import { classMembers, softRanks } from './base/soft-ranks.js'

/** Options of {@link SmoothAPLoss}. */
export interface SmoothAPLossOptions extends MetricLossOptions {
  /** Temperature of the sigmoid that stands in for a step. Above 0. Default 0.01. May be scheduled. */
  readonly temperature?: Schedulable
}

/**
 * 1 - AP_q for each embedding q, with its average precision over the members i of its class, itself
 * included: AP_q = mean_i rank⁺_qi / rank_qi. The rank of i among all embeddings, and rank⁺ among its class,
 * is 1 + Σ_{j ≠ i} sigmoid((s_qj - s_qi) / temperature).
 *
 * One term, `loss`, over elements [n]. Every class of the batch has the same number of samples, in any
 * order (an MPerClassSampler sees to it). A selection makes embeddings count less the less often they
 * occur in it ({@link LossInputs.elementWeights}). The distance is {@link CosineSimilarity} and no other;
 * default reducer {@link MeanReducer}. No reference sets. Memory O(n² k), where k is the size of a class.
 *
 * Brown et al.: Smooth-AP: Smoothing the Path Towards Large-Scale Image Retrieval (ECCV 2020), the Smooth-AP loss.
 *
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 * @throws {LabelError} in {@link compute} when classes differ in size.
 */
export class SmoothAPLoss extends MetricLoss {
  readonly temperature: Schedulable

  constructor(options: SmoothAPLossOptions = {}) {
    super('SmoothAPLoss', options, {
      options: ['temperature'],
      distance: () => new CosineSimilarity(),
      reducer: () => new MeanReducer(),
      takesReferences: false,
    })
    const { temperature = 0.01 } = options
    expectNumber(this.name, 'temperature', temperature, { min: 0, exclusiveMin: true })
    expectDistance(this.name, this.distance, 'CosineSimilarity')
    this.temperature = temperature
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { embeddings, relations } = inputs
    expectEqualClasses(this.name, relations.queryLabels)
    const { index, mask } = classMembers(relations)
    const similarities = this.distance.matrix(embeddings)
    const all = tf.onesLike(similarities)
    const ofClass = tf.sub<tf.Tensor2D>(all, relations.negatives())
    // A member adds 1/2 to its own count, so that the other half makes the rank.
    const rank = (among: tf.Tensor2D) => tf.add(softRanks(similarities, index, among, this.temperature), 0.5)
    const precisions = tf.mul(tf.div(rank(ofClass), rank(all)), mask)
    const loss = tf.sub(1, tf.div(sumOver(precisions, 1), tf.sum(mask, 1)))
    const counts = inputs.elementWeights()
    return {
      loss: { over: 'element', values: counts ? tf.mul(loss, counts) : loss, weights: tf.ones([relations.queryCount]) },
    }
  }
}

function expectEqualClasses(who: string, labels: Int32Array): void {
  const classes = [...rowsByLabel(labels)]
  if (new Set(classes.map(([, rows]) => rows.length)).size === 1) return
  throw new LabelError({
    who,
    wanted: 'as many samples of every class',
    got: classes.map(([label, rows]) => `${rows.length} of ${label}`).join(', '),
    fix: 'Draw batches with an MPerClassSampler.',
  })
}
