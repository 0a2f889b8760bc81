import * as tf from '@tensorflow/tfjs-core'
import { describeValue, expectShape, OptionError } from '@metric-learning/contracts'
import { divNoNan, option } from '@metric-learning/ops'
import { DivisorReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { crossEntropy, labelSmoothingOption, smoothed, targetMask } from './numerics/cross-entropy.js'
import { overElements } from './terms/over-elements.js'

/** Options of {@link CrossEntropyLoss}. */
export type CrossEntropyLossOptions = OptionsOf<typeof CrossEntropyLoss>

/**
 * `-Σ_c w_c t_c log softmax_c(x)` for each row x of the logits, with
 * `t_c = (1 - labelSmoothing) [c is the class of x] + labelSmoothing / numClasses` and w the weights of classes: what a
 * classifier's last layer is trained with.
 *
 * Logits take the place of the embeddings: `compute(logits, labels)`, logits float32 [n, numClasses].
 *
 * One term, `loss`, over elements [n]; its divisor is Σ w of the classes of the rows, so that the default reducer
 * {@link DivisorReducer} gives the (weighted) mean, as PyTorch's `reduction='mean'`, and {@link SumReducer} its `'sum'`. No
 * selections, no reference sets, no distance.
 *
 * `torch.nn.CrossEntropyLoss` of class indices; `classifier_loss` of PyTorch Metric Learning's `TrainWithClassifier`.
 *
 * @formula -\sum_c w_c \, t_c \log \mathrm{softmax}_c(x)
 * @formula t_c = (1 - \mathrm{labelSmoothing}) \, [c \text{ is the class of } x] + \frac{\mathrm{labelSmoothing}}{\mathrm{numClasses}}
 * @useWhen A classifier, alone or beside a loss of the embeddings: it judges the output `logits` of
 *   `trainWithClassifier` in `@metric-learning/schemes`.
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {LabelError} in {@link compute} when a label is outside [0, numClasses).
 */
export class CrossEntropyLoss extends metricLoss({
  name: 'CrossEntropyLoss',
  distance: 'none',
  reducer: () => new DivisorReducer(),
  takesReferences: false,
  takesSelections: false,
  overClasses: true,
  options: {
    /** Labels are integers in [0, numClasses). */
    numClasses: option.integer({ min: 1 }),
    /** How much of each target is spread evenly over all classes, in [0, 1]. Default 0. May be scheduled. */
    labelSmoothing: labelSmoothingOption,
    /** The weight of each class, at least 0. Default: all alike. */
    weight: option.value<ArrayLike<number>>('a number of at least 0 a class', expectList, { optional: true }),
  },
  numClasses: ({ numClasses }) => numClasses,
  checkOptions(who, { weight, numClasses }) {
    if (weight !== undefined) expectWeights(who, weight, numClasses)
  },
  terms({ who, embeddings: logits, relations }, { numClasses, labelSmoothing, weight }) {
    expectShape(who, 'logits', logits, ['batch', numClasses])
    const isTarget = targetMask(relations.queryLabelTensor, numClasses)
    const spread = smoothed(isTarget, labelSmoothing)
    if (!weight) return { loss: overElements(crossEntropy(logits, spread), { divisor: tf.scalar(relations.queryCount) }) }
    // The targets of a row have to add up to 1; what they add up to is a factor of its entropy.
    const ofClasses = tf.tensor1d(Float32Array.from(weight))
    const targets = tf.mul<tf.Tensor2D>(spread, ofClasses)
    const totals = tf.sum(targets, 1, true)
    const values = tf.mul(crossEntropy(logits, divNoNan<tf.Tensor2D>(targets, totals)), tf.squeeze(totals, [1]))
    return { loss: overElements(values, { divisor: tf.sum<tf.Scalar>(tf.mul(isTarget, ofClasses)) }) }
  },
}) {
  /** {@link numClasses}: a logit each. */
  override get inputSize(): number {
    return this.numClasses
  }
}

function expectWeights(who: string, given: ArrayLike<number>, numClasses: number): void {
  const weights = Float32Array.from(given)
  if (weights.length === numClasses && weights.every((weight) => Number.isFinite(weight) && weight >= 0)) return
  throw new OptionError({
    who,
    wanted: `\`weight\` to be ${numClasses} numbers of at least 0, one a class`,
    got: `[${weights.join(', ')}]`,
    fix: 'List the weights by class.',
  })
}

function expectList(who: string, name: string, given: unknown): void {
  if (typeof given === 'object' && given !== null && typeof (given as ArrayLike<number>).length === 'number') return
  throw new OptionError({ who, wanted: `\`${name}\` to be a list of numbers, one a class`, got: describeValue(given), fix: 'List the weights by class.' })
}
