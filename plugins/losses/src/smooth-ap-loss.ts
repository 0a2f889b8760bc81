import * as tf from '@tensorflow/tfjs-core'
import { LabelError, rowsByLabel } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { option, sumOver } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { classMembers, softRanks } from './terms/soft-ranks.js'
import { overElements, weighed } from './terms/over-elements.js'

/** Options of {@link SmoothAPLoss}. */
export type SmoothAPLossOptions = OptionsOf<typeof SmoothAPLoss>

/**
 * `1 - mean_i rank⁺_qi / rank_qi` for each embedding q: one minus its average precision over the members i of its
 * class, itself included. The rank of i among all embeddings, and rank⁺ among its class, is
 * `1 + Σ_{j ≠ i} sigmoid((s_qj - s_qi) / temperature)`.
 *
 * One term, `loss`, over elements [n]. Every class of the batch has the same number of samples, in any
 * order (an MPerClassSampler sees to it). A selection makes embeddings count less the less often they
 * occur in it ({@link LossInputs.elementWeights}). The distance is {@link CosineSimilarity} and no other;
 * default reducer {@link MeanReducer}. No reference sets. Memory O(n² k), where k is the size of a class.
 *
 * Brown et al.: Smooth-AP: Smoothing the Path Towards Large-Scale Image Retrieval (ECCV 2020), the Smooth-AP loss.
 *
 * @formula 1 - \frac{1}{k} \sum_i \frac{\mathrm{rank}^+_{qi}}{\mathrm{rank}_{qi}}
 * @formula 1 + \sum_{j \ne i} \mathrm{sigmoid}\Bigl(\frac{s_{qj} - s_{qi}}{\mathrm{temperature}}\Bigr)
 * @useWhen Retrieval that is judged by average precision, in batches of as many samples of each class. It ranks the
 *   whole batch, so that large batches suit it.
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 * @throws {LabelError} in {@link compute} when classes differ in size.
 */
export class SmoothAPLoss extends metricLoss({
  name: 'SmoothAPLoss',
  distance: () => new CosineSimilarity(),
  onlyDistance: true,
  reducer: () => new MeanReducer(),
  takesReferences: false,
  compares: 'embeddings',
  options: {
    /** Temperature of the sigmoid that stands in for a step. Above 0. Default 0.01. May be scheduled. */
    temperature: option.number({ default: 0.01, above: 0 }),
  },
  terms(inputs, { temperature }) {
    const { relations } = inputs
    expectEqualClasses(inputs.who, relations.queryLabels)
    const { index, mask } = classMembers(relations)
    const similarities = inputs.distances()
    const all = tf.onesLike(similarities)
    const ofClass = tf.sub<tf.Tensor2D>(all, relations.negatives())
    // A member adds 1/2 to its own count, so that the other half makes the rank.
    const rank = (among: tf.Tensor2D) => tf.add(softRanks(similarities, index, among, temperature), 0.5)
    const precisions = tf.mul(tf.div(rank(ofClass), rank(all)), mask)
    const values = tf.sub(1, tf.div(sumOver(precisions, 1), tf.sum(mask, 1)))
    return { loss: overElements(weighed(values, inputs.elementWeights())) }
  },
}) {}

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
