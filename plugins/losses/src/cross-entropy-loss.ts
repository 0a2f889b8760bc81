import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, expectNumber, expectShape, OptionError, type LossTerms } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { divNoNan, scalars, type Schedulable } from '@metric-learning/ops'
import { DivisorReducer } from '@metric-learning/reducers'
import { expectClasses } from './base/class-vectors-loss.js'
import { crossEntropy } from './base/cross-entropy.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'
import { targetMask } from './base/target-mask.js'

/** Options of {@link CrossEntropyLoss}. */
export interface CrossEntropyLossOptions extends Pick<MetricLossOptions, 'reducer'> {
  /** Labels are integers in [0, numClasses). */
  readonly numClasses: number
  /** How much of each target is spread evenly over all classes, in [0, 1]. Default 0. May be scheduled. */
  readonly labelSmoothing?: Schedulable
  /** The weight of each class, at least 0. Default: all alike. */
  readonly weight?: ArrayLike<number>
}

const known = ['numClasses', 'labelSmoothing', 'weight', 'reducer']

/**
 * Softmax cross entropy of logits, which take the place of the embeddings: what a classifier's last layer is trained with.
 *
 * -Σ_c w_c t_c log softmax_c(x) for each row x of the logits, with t_c = (1 - labelSmoothing) [c is the class of x] +
 * labelSmoothing / numClasses and w the weights of classes. `compute(logits, labels)`: logits float32 [n, numClasses].
 *
 * One term, `loss`, over elements [n]; its divisor is Σ w of the classes of the rows, so that the default reducer
 * {@link DivisorReducer} gives the (weighted) mean, as PyTorch's `reduction='mean'`, and {@link SumReducer} its `'sum'`. No
 * selections, no reference sets, no distance.
 *
 * `torch.nn.CrossEntropyLoss` of class indices; `classifier_loss` of PyTorch Metric Learning's `TrainWithClassifier`.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {LabelError} in {@link compute} when a label is outside [0, numClasses).
 */
export class CrossEntropyLoss extends MetricLoss {
  readonly numClasses: number
  readonly labelSmoothing: Schedulable
  readonly weight: Float32Array | undefined

  constructor(options: CrossEntropyLossOptions) {
    expectKnownOptions('CrossEntropyLoss', options, known)
    super('CrossEntropyLoss', options, {
      options: known,
      distance: () => new LpDistance(),
      reducer: () => new DivisorReducer(),
      takesReferences: false,
      takesSelections: false,
      overClasses: true,
    })
    const { numClasses, labelSmoothing = 0, weight } = options
    expectNumber(this.name, 'numClasses', numClasses, { min: 1, integer: true })
    expectNumber(this.name, 'labelSmoothing', labelSmoothing, { min: 0, max: 1 })
    this.numClasses = numClasses
    this.labelSmoothing = labelSmoothing
    this.weight = weight && toWeights(this.name, weight, numClasses)
  }

  /** @throws {LabelError} when a label is outside [0, numClasses). */
  checkLabels(labels: Int32Array): void {
    expectClasses(this.name, labels, this.numClasses)
  }

  protected computeTerms({ embeddings: logits, relations }: LossInputs): LossTerms {
    expectShape(this.name, 'logits', logits, ['batch', this.numClasses])
    this.checkLabels(relations.queryLabels)
    const isTarget = targetMask(relations.queryLabelTensor, this.numClasses)
    const { weight } = this
    const weights = tf.ones([relations.queryCount])
    if (!weight) {
      const values = crossEntropy(logits, this.#smoothed(isTarget))
      return { loss: { over: 'element', values, weights, divisor: tf.scalar(relations.queryCount) } }
    }
    // The targets of a row have to add up to 1; what they add up to is a factor of its entropy.
    const ofClasses = tf.tensor1d(weight)
    const targets = tf.mul<tf.Tensor2D>(this.#smoothed(isTarget), ofClasses)
    const totals = tf.sum(targets, 1, true)
    const values = tf.mul(crossEntropy(logits, divNoNan<tf.Tensor2D>(targets, totals)), tf.squeeze(totals, [1]))
    return { loss: { over: 'element', values, weights, divisor: tf.sum<tf.Scalar>(tf.mul(isTarget, ofClasses)) } }
  }

  #smoothed(isTarget: tf.Tensor2D): tf.Tensor2D {
    const { labelSmoothing, numClasses } = this
    if (labelSmoothing === 0) return isTarget
    return tf.add(tf.mul(isTarget, scalars.sub(1, labelSmoothing)), scalars.div(labelSmoothing, numClasses))
  }
}

function toWeights(who: string, given: ArrayLike<number>, numClasses: number): Float32Array {
  const isList = typeof given === 'object' && typeof given.length === 'number'
  const weights = isList ? Float32Array.from(given) : new Float32Array()
  if (weights.length === numClasses && weights.every((weight) => Number.isFinite(weight) && weight >= 0)) return weights
  throw new OptionError({
    who,
    wanted: `\`weight\` to be ${numClasses} numbers of at least 0, one a class`,
    got: isList ? `[${weights.join(', ')}]` : String(given),
    fix: 'List the weights by class.',
  })
}
