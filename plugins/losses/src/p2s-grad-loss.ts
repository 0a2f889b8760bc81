import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, expectNumber, expectShape, Random, type LossTerms } from '@metric-learning/contracts'
import { LpDistance, normalizeRows } from '@metric-learning/distances'
import { meanOver, withoutGradient } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { expectClasses } from './base/class-vectors-loss.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'
import { targetMask } from './base/target-mask.js'
import { uniform } from './base/weight-init.js'

/** Options of {@link P2SGradLoss}. */
export interface P2SGradLossOptions extends Omit<MetricLossOptions, 'distance'> {
  /** Size of an embedding. */
  readonly descriptorsDim: number
  /** Labels are integers in [0, numClasses). */
  readonly numClasses: number
  /** Fixes the initial weights. Default 0. */
  readonly seed?: number
}

/** A distance is not among them. */
const known = ['descriptorsDim', 'numClasses', 'seed', 'reducer', 'embeddingRegularizer', 'embeddingRegWeight']

/**
 * The mean over embeddings x and classes c of (x̂ · w_c - [c is the class of x])², with x̂ = x / ‖x‖ and w_c of norm 1.
 * No margin, no scale.
 *
 * One term, `loss`, one number. Parameter `weight` [descriptorsDim, numClasses], uniform over ±1, then columns of norm
 * 1. Every call divides the columns by their norms, in place, before it uses them; the gradient is the one at these
 * weights and does not pass through the division. A zero embedding has cosine 0. No selections, no reference sets, no
 * distance.
 *
 * Zhang et al.: P2SGrad (CVPR 2019), in the form of Wang, Yamagishi (Interspeech 2021), eq. 3.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class P2SGradLoss extends MetricLoss {
  readonly descriptorsDim: number
  readonly numClasses: number
  readonly #weight: tf.Variable<tf.Rank.R2>

  constructor(options: P2SGradLossOptions) {
    expectKnownOptions('P2SGradLoss', options, known)
    super('P2SGradLoss', options, {
      options: known,
      distance: () => new LpDistance(),
      reducer: () => new MeanReducer(),
      takesReferences: false,
      takesSelections: false,
      overClasses: true,
    })
    const { descriptorsDim, numClasses, seed = 0 } = options
    expectNumber(this.name, 'descriptorsDim', descriptorsDim, { min: 1, integer: true })
    expectNumber(this.name, 'numClasses', numClasses, { min: 1, integer: true })
    this.descriptorsDim = descriptorsDim
    this.numClasses = numClasses
    const shape: [number, number] = [descriptorsDim, numClasses]
    const values = uniform(shape, new Random(seed))
    this.#weight = this.addParameter('weight', () => normalizeColumns(tf.tensor2d(values, shape)))
  }

  /** @throws {LabelError} when a label is outside [0, numClasses). */
  checkLabels(labels: Int32Array): void {
    expectClasses(this.name, labels, this.numClasses)
  }

  protected computeTerms({ embeddings, relations }: LossInputs): LossTerms {
    expectShape(this.name, 'embeddings', embeddings, ['batch', this.descriptorsDim])
    this.checkLabels(relations.queryLabels)
    this.#weight.assign(withoutGradient(() => normalizeColumns(this.#weight)))
    const isTarget = targetMask(relations.queryLabelTensor, this.numClasses)
    const cosines = tf.matMul(normalizeRows(embeddings, 2), this.#weight)
    return { loss: { over: 'reduced', values: meanOver(tf.reshape(tf.squaredDifference(cosines, isTarget), [-1]), 0) } }
  }
}

const normalizeColumns = (matrix: tf.Tensor2D): tf.Tensor2D => tf.transpose(normalizeRows(tf.transpose(matrix), 2))
