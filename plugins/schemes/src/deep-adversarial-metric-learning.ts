import * as tf from '@tensorflow/tfjs-core'
import {
  expectKnownOptions,
  expectMethods,
  expectNumber,
  type Batch,
  type CallMode,
  type Distance,
  type Loss,
  type Module,
} from '@metric-learning/contracts'
import type { EmbeddingPath, Objective, Scheme } from '@metric-learning/core'
import { LpDistance } from '@metric-learning/distances'
import { drawTriplets, tensorOf, withoutGradient, type Schedulable } from '@metric-learning/ops'

/** Parts and options of {@link deepAdversarialMetricLearning}. */
export interface DeepAdversarialMetricLearningOptions extends Required<EmbeddingPath> {
  /** From the features of anchor, positive and negative side by side, [t, 3 · features], to those of a negative, [t, features]. */
  readonly generator: Module
  /** What trains trunk and embedder on the samples as they are. */
  readonly metric: Objective
  /** Triplets that are drawn for each anchor in every forward pass. Default 1. */
  readonly tripletsPerAnchor?: number
  /** Margin of the triplets with a generated negative, a distance. Default 0.1. May be scheduled. */
  readonly synthMargin?: Schedulable
  /** Margin by which a generated negative is to be nearer to the anchor than the positive is, a distance. Default 0.1. May be scheduled. */
  readonly adversarialMargin?: Schedulable
  /** How embeddings are compared in both. Default `new LpDistance()`. */
  readonly distance?: Distance
  /** Factors of the four losses beside `metric`. Default 1 each. May be scheduled. */
  readonly weights?: Readonly<Partial<Record<'synth' | 'adversarial' | 'hard' | 'regular', Schedulable>>>
  /** Fixes the draws. Default 0. */
  readonly seed?: number
}

/**
 * A generator makes hard negatives of triplets; trunk and embedder learn to tell them apart. Two updates in each step:
 *
 * - `generator` changes the generator alone, by three losses over triplets (a, p, n) of features and ñ = generator(a, p, n):
 *   `hard` = ‖ñ̂ - â‖² and `regular` = ‖ñ̂ - n̂‖², means over all numbers, x̂ = x / ‖x‖, and
 *   `adversarial` = max(0, d(a, ñ) - d(a, p) + adversarialMargin), d between embeddings, mean of those above 0.
 * - `metric` changes trunk and embedder, by the objective given, and `synth` = max(0, d(a, p) - d(a, ñ) + synthMargin), with the
 *   generated negatives as constants, mean of those above 0.
 *
 * Each update has a forward pass of its own, so that running statistics move twice in a step. To train one side alone at
 * first, schedule `weights`.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @see Duan et al., Deep Adversarial Metric Learning, CVPR 2018, eq. 3 to 6; the normalised squares are those of PyTorch Metric
 * Learning's trainer of that name.
 */
export function deepAdversarialMetricLearning(options: DeepAdversarialMetricLearningOptions): Scheme {
  const who = 'deepAdversarialMetricLearning'
  const known = ['trunk', 'embedder', 'generator', 'metric', 'tripletsPerAnchor', 'synthMargin', 'adversarialMargin', 'distance', 'weights', 'seed']
  expectKnownOptions(who, options, known)
  const { trunk, embedder, generator, metric, tripletsPerAnchor = 1, synthMargin = 0.1, adversarialMargin = 0.1, distance = new LpDistance(), weights = {}, seed = 0 } = options
  for (const [name, module] of Object.entries({ trunk, embedder, generator })) expectMethods(who, name, module, ['call'], 'new MLP({ inputSize, hiddenSizes: [128], outputSize })')
  expectMethods(who, 'metric.loss', (metric as Partial<Objective> | undefined)?.loss, ['compute'], 'new TripletMarginLoss()')
  expectNumber(who, 'tripletsPerAnchor', tripletsPerAnchor, { min: 1, integer: true })
  expectNumber(who, 'synthMargin', synthMargin)
  expectNumber(who, 'adversarialMargin', adversarialMargin)
  expectNumber(who, 'seed', seed, { integer: true })
  expectKnownOptions(`${who}, weights`, weights, ['synth', 'adversarial', 'hard', 'regular'])

  /** Triplets of features, [t, features] each, and 1 for those that the labels allow, [t, 1]. */
  const drawnOf = (update: string, batch: Batch, features: tf.Tensor) => {
    const { positiveIndex, negativeIndex, weights: allowed } = drawTriplets(batch.relations(), tripletsPerAnchor, { position: batch.position, purpose: `${who} ${update}`, seed })
    const [rows] = positiveIndex.shape
    const anchors = tf.tile(tf.expandDims(tf.range(0, rows, 1, 'int32'), 1), [1, tripletsPerAnchor])
    const [anchor, positive, negative] = [anchors, positiveIndex, negativeIndex].map((index) => tf.gather(features, tf.reshape<tf.Rank.R1>(index, [-1])))
    return { anchor: anchor!, positive: positive!, negative: negative!, allowed: tf.reshape<tf.Rank.R2>(allowed, [-1, 1]) }
  }
  const generated = ({ anchor, positive, negative }: ReturnType<typeof drawnOf>, mode: CallMode) =>
    generator.call(tf.concat([anchor, positive, negative], 1), mode)
  /** max(0, sign · (d(a, p) - d(a, ñ)) + margin) of anchors, positives and generated negatives below each other; row i of what it is held against says whether triplet i counts. */
  const hinge = (name: string, margin: Schedulable, sign: 1 | -1): Loss & { readonly margin: Schedulable } => ({
    name,
    // In a field, where a run finds a number that is scheduled.
    margin,
    labels: 'refused',
    parameters: new Map(),
    compute: (triplets, _, { references } = {}) =>
      tf.tidy(() => {
        const [anchor, positive, negative] = tf.split(triplets, 3) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]
        const farther = distance.margin(distance.betweenRows(anchor, positive), distance.betweenRows(anchor, negative))
        return meanAboveZero(tf.mul(tf.add(tf.mul(farther, sign), tensorOf(margin)), tf.squeeze(references!.refEmbeddings, [1])))
      }),
  })

  return {
    name: 'DeepAdversarialMetricLearning',
    modules: { trunk, embedder, generator },
    forward({ samples }, mode) {
      const features = trunk.call(samples, mode)
      return { embeddings: embedder.call(features, mode), features }
    },
    updates: [
      {
        name: 'generator',
        modules: ['generator'],
        objectives: [
          { name: 'adversarial', loss: hinge('adversarial', adversarialMargin, -1), of: 'triplets', against: 'allowed', weight: weights.adversarial ?? 1 },
          { name: 'hard', loss: squaredDifference, of: 'synthetic', against: 'anchors', weight: weights.hard ?? 1 },
          { name: 'regular', loss: squaredDifference, of: 'synthetic', against: 'negatives', weight: weights.regular ?? 1 },
        ],
        forward(batch, mode) {
          const drawn = drawnOf('generator', batch, withoutGradient(() => trunk.call(batch.samples, mode)))
          const { anchor, positive, negative, allowed } = drawn
          const synthetic = generated(drawn, mode)
          const triplets = embedder.call(tf.concat([anchor, positive, synthetic]), mode)
          return { triplets, allowed, synthetic, anchors: anchor, negatives: negative }
        },
      },
      {
        name: 'metric',
        modules: ['trunk', 'embedder'],
        objectives: [metric, { name: 'synth', loss: hinge('synth', synthMargin, 1), of: 'triplets', against: 'allowed', weight: weights.synth ?? 1 }],
        forward(batch, mode) {
          const features = trunk.call(batch.samples, mode)
          const drawn = drawnOf('metric', batch, features)
          const synthetic = withoutGradient(() => generated(drawn, mode))
          const triplets = embedder.call(tf.concat([drawn.anchor, drawn.positive, synthetic]), mode)
          return { embeddings: embedder.call(features, mode), features, triplets, allowed: drawn.allowed }
        },
      },
    ],
  }
}

/** The mean of those above 0; 0 where there is none. */
function meanAboveZero(values: tf.Tensor): tf.Scalar {
  const above = tf.relu(values)
  const count = withoutGradient(() => tf.sum(tf.cast(tf.greater(above, 0), 'float32')))
  return tf.div(tf.sum(above), tf.maximum(count, 1))
}

/** mean (x̂ - ŷ)² over all numbers of rows that are divided by their norms. */
const squaredDifference: Loss = {
  name: 'squaredDifference',
  labels: 'refused',
  parameters: new Map(),
  compute: (x, _, { references } = {}) =>
    tf.tidy(() => {
      const unit = new LpDistance()
      return tf.mean(tf.square(tf.sub(unit.normalize(x), unit.normalize(references!.refEmbeddings))))
    }),
}
