import * as tf from '@tensorflow/tfjs-core'
import {
  expectKnownOptions,
  expectMethods,
  expectNumber,
  OptionError,
  type Batch,
  type CallMode,
  type Distance,
  type Loss,
  type Module,
} from '@metric-learning/contracts'
import { metricLossOnly, type EmbeddingPath, type Objective, type Scheme, type Update } from '@metric-learning/core'
import { LpDistance } from '@metric-learning/distances'
import { drawTriplets, tensorOf, withoutGradient, type Schedulable } from '@metric-learning/ops'
import { expectTakes } from './expect-takes.js'

/** Parts and options of {@link deepAdversarialMetricLearning}. */
export interface DeepAdversarialMetricLearningOptions extends Required<EmbeddingPath> {
  /** From the features of anchor, positive and negative side by side, [t, 3 · features], to those of a negative, [t, features]. */
  readonly generator: Module
  /** What trains trunk and embedder, and the classifier, on the samples as they are. */
  readonly metric: Objective | readonly Objective[]
  /** From embeddings to logits, one a class, for an objective of `metric` with `of: 'logits'`. Default: none. */
  readonly classifier?: Module
  /** The first epochs, in which `metric` trains alone, and there is no generator yet. Default 0. */
  readonly metricAloneEpochs?: number
  /** The epochs after these, in which the generator trains alone, and everything else stays as it is. Default 0. */
  readonly generatorAloneEpochs?: number
  /** Triplets that are drawn for each anchor in every forward pass. Default 1. */
  readonly tripletsPerAnchor?: number
  /** Margin of the triplets with a generated negative, a distance. Default 0.1. May be scheduled. */
  readonly synthMargin?: Schedulable
  /** Margin by which a generated negative is to be nearer to the anchor than the positive is, a distance. Default 0.1. May be scheduled. */
  readonly adversarialMargin?: Schedulable
  /** How embeddings are compared in both. Default `new LpDistance()`. */
  readonly distance?: Distance
  /** Factors of the four losses beside `metric`, in the epochs in which they train. Default 1 each. May be scheduled. */
  readonly weights?: Readonly<Partial<Record<'synth' | 'adversarial' | 'hard' | 'regular', Schedulable>>>
  /** Fixes the draws. Default 0. */
  readonly seed?: number
}

/** How long each phase but the last takes, in public fields, where a run that is resumed finds what changed. */
export type DeepAdversarialPhases = Readonly<Required<Pick<DeepAdversarialMetricLearningOptions, 'metricAloneEpochs' | 'generatorAloneEpochs'>>>

/**
 * A generator makes hard negatives of triplets; trunk and embedder learn to tell them apart. Two updates in each step:
 *
 * - `generator` changes the generator alone, by three losses over triplets (a, p, n) of features and ñ = generator(a, p, n):
 *   `hard` = ‖ñ̂ - â‖² and `regular` = ‖ñ̂ - n̂‖², means over all numbers, x̂ = x / ‖x‖, and
 *   `adversarial` = max(0, d(a, ñ) - d(a, p) + adversarialMargin), d between embeddings, mean of those above 0.
 * - `metric` changes trunk, embedder and classifier, by the objectives given, and `synth` = max(0, d(a, p) - d(a, ñ) + synthMargin), with
 *   the generated negatives as constants, mean of those above 0.
 *
 * Three phases: `metricAloneEpochs` with the objectives given and nothing else, an update `metricAlone`; `generatorAloneEpochs` with the
 * update `generator` alone, which sees the trunk in inference mode; then both. What does not train in a phase has no part in its steps: it
 * costs nothing, and its optimizer and statistics stay as they are. What is frozen otherwise stays frozen in all of them.
 *
 * Outputs for `metric`: `embeddings` and `features` as in `metricLossOnly`, and `logits` with a classifier. Each update has a forward pass
 * of its own.
 *
 * @throws {OptionError} when an option is unknown or out of range, or a module does not fit the one before it.
 * @see Duan et al., Deep Adversarial Metric Learning, CVPR 2018, eq. 3 to 6; the normalised squares and the phases are those of PyTorch
 * Metric Learning's trainer of that name.
 */
export function deepAdversarialMetricLearning(options: DeepAdversarialMetricLearningOptions): Scheme & DeepAdversarialPhases {
  const who = 'deepAdversarialMetricLearning'
  const known = ['trunk', 'embedder', 'generator', 'classifier', 'metric', 'metricAloneEpochs', 'generatorAloneEpochs', 'tripletsPerAnchor', 'synthMargin', 'adversarialMargin', 'distance', 'weights', 'seed']
  expectKnownOptions(who, options, known)
  const { trunk, embedder, generator, classifier, metric, metricAloneEpochs = 0, generatorAloneEpochs = 0, tripletsPerAnchor = 1, synthMargin = 0.1, adversarialMargin = 0.1, distance = new LpDistance(), weights = {}, seed = 0 } = options
  for (const [name, module] of Object.entries({ trunk, embedder, generator })) expectMethods(who, name, module, ['call'], 'new MLP({ inputSize, hiddenSizes: [128], outputSize })')
  if (classifier !== undefined) expectMethods(who, 'classifier', classifier, ['call'], 'new MLP({ inputSize: embedder.outputSize, hiddenSizes: [], outputSize: classes })')
  const plain = metricLossOnly({ trunk, embedder }, who)
  const { embeddings: dim, features: size } = plain.outputs as Readonly<Record<'embeddings' | 'features', number>>
  expectTakes(who, { generator }, 'of the features of three samples side by side', 3 * size)
  if (generator.outputSize !== size) {
    throw new OptionError({ who, wanted: `a \`generator\` of ${size} numbers, as the features of ${trunk.name} have`, got: `${generator.name}, which gives ${generator.outputSize}`, fix: 'Pass it `trunk.outputSize` as `outputSize`.' })
  }
  if (classifier) expectTakes(who, { classifier }, 'of an embedding', dim)
  const ofSamples: readonly Objective[] = Array.isArray(metric) ? (metric as readonly Objective[]) : [metric as Objective]
  for (const one of ofSamples) expectMethods(who, 'metric.loss', (one as Partial<Objective> | undefined)?.loss, ['compute'], 'new TripletMarginLoss()')
  if (classifier && !ofSamples.some(({ of }) => of === 'logits')) {
    throw new OptionError({ who, wanted: "an objective in `metric` with `of: 'logits'`, for the `classifier`", got: 'none', fix: 'Add `{ loss: new CrossEntropyLoss({ numClasses }), of: \'logits\' }`, or leave the classifier out.' })
  }
  expectMethods(who, 'distance', distance, ['margin', 'betweenRows'], 'new LpDistance()')
  expectNumber(who, 'metricAloneEpochs', metricAloneEpochs, { min: 0, integer: true })
  expectNumber(who, 'generatorAloneEpochs', generatorAloneEpochs, { min: 0, integer: true })
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
    takesOtherSizes: true,
    parameters: new Map(),
    compute: (triplets, _, { references } = {}) =>
      tf.tidy(() => {
        const [anchor, positive, negative] = tf.split(triplets, 3) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]
        const farther = distance.margin(distance.betweenRows(anchor, positive), distance.betweenRows(anchor, negative))
        return meanAboveZero(tf.mul(tf.add(tf.mul(farther, sign), tensorOf(margin)), tf.squeeze(references!.refEmbeddings, [1])))
      }),
  })

  const ofGenerator: readonly Objective[] = [
    { name: 'adversarial', loss: hinge('adversarial', adversarialMargin, -1), of: 'triplets', against: 'allowed', weight: weights.adversarial ?? 1 },
    { name: 'hard', loss: squaredDifference, of: 'synthetic', against: 'anchors', weight: weights.hard ?? 1 },
    { name: 'regular', loss: squaredDifference, of: 'synthetic', against: 'negatives', weight: weights.regular ?? 1 },
  ]
  const phaseOf = (epoch: number) => (epoch <= metricAloneEpochs ? 'metric alone' : epoch <= metricAloneEpochs + generatorAloneEpochs ? 'generator alone' : 'both')
  const judged = (features: tf.Tensor, mode: CallMode) => {
    const embeddings = embedder.call(features, mode)
    return { embeddings, features, ...(classifier && { logits: classifier.call(embeddings, mode) }) }
  }
  const outputs = { ...plain.outputs, ...(classifier && { logits: classifier.outputSize }) }
  const learning = ['trunk', 'embedder', ...(classifier ? ['classifier'] : [])]
  const generatorUpdate = (name: string, phase: ReturnType<typeof phaseOf>): Update => ({
    name,
    modules: ['generator'],
    isActive: (epoch) => phaseOf(epoch) === phase,
    objectives: ofGenerator,
    outputs: { triplets: dim, allowed: 1, synthetic: size, anchors: size, negatives: size },
    forward(batch, mode) {
      const ofTrunk = phase === 'both' ? mode : { ...mode, training: false }
      const drawn = drawnOf('generator', batch, withoutGradient(() => trunk.call(batch.samples, ofTrunk)))
      const { anchor, positive, negative, allowed } = drawn
      const synthetic = generated(drawn, mode)
      const triplets = embedder.call(tf.concat([anchor, positive, synthetic]), ofTrunk)
      return { triplets, allowed, synthetic, anchors: anchor, negatives: negative }
    },
  })
  return {
    name: 'DeepAdversarialMetricLearning',
    metricAloneEpochs,
    generatorAloneEpochs,
    modules: { trunk, embedder, generator, ...(classifier && { classifier }) },
    outputs,
    forward: ({ samples }, mode) => judged(trunk.call(samples, mode), mode),
    updates: [
      ...(metricAloneEpochs > 0 ? [{ name: 'metricAlone', modules: learning, objectives: ofSamples, isActive: (epoch: number) => phaseOf(epoch) === 'metric alone' }] : []),
      ...(generatorAloneEpochs > 0 ? [generatorUpdate('generatorAlone', 'generator alone')] : []),
      generatorUpdate('generator', 'both'),
      {
        name: 'metric',
        modules: learning,
        isActive: (epoch) => phaseOf(epoch) === 'both',
        outputs: { ...outputs, triplets: dim, allowed: 1 },
        objectives: [...ofSamples, { name: 'synth', loss: hinge('synth', synthMargin, 1), of: 'triplets', against: 'allowed', weight: weights.synth ?? 1 }],
        forward(batch, mode) {
          const features = trunk.call(batch.samples, mode)
          const drawn = drawnOf('metric', batch, features)
          const synthetic = withoutGradient(() => generated(drawn, mode))
          const triplets = embedder.call(tf.concat([drawn.anchor, drawn.positive, synthetic]), mode)
          return { ...judged(features, mode), triplets, allowed: drawn.allowed }
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
