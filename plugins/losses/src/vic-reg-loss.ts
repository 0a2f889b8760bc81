import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, expectNumber, expectShape, type LossTerm, type LossTerms } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { identityMatrix, meanOver, scalars, sumOver, tensorOf, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'

/** Options of {@link VICRegLoss}. It compares views row by row, so that there is no distance to choose. */
export interface VICRegLossOptions extends Pick<MetricLossOptions, 'reducer'> {
  /** λ, the weight of the invariance. Default 25. May be scheduled. */
  readonly invarianceLambda?: Schedulable
  /** μ, the weight of the variance. Default 25. May be scheduled. */
  readonly varianceMu?: Schedulable
  /** ν, the weight of the covariance. Default 1. May be scheduled. */
  readonly covarianceV?: Schedulable
  /** Added to variances before their root. Above 0. Default 1e-4. May be scheduled. */
  readonly eps?: Schedulable
}

const known = ['invarianceLambda', 'varianceMu', 'covarianceV', 'eps', 'reducer']

/**
 * Variance-invariance-covariance regularisation of two views of the same samples: `compute(views,
 * undefined, { references: { refEmbeddings: otherViews } })`, row i and row i being one sample. There are no
 * labels; without references the embeddings are both views.
 *
 * Four terms, reduced one by one. `invarianceLoss`: λ mean_d (x_id - y_id)², over samples [n].
 * `varianceLoss1` and `varianceLoss2`: (μ/2) max(0, 1 - sqrt(var_d + eps)) of either view, over the
 * dimensions [dim]; variances are unbiased. `covarianceLoss`: (ν/dim) Σ_{d ≠ e} cov_de² of both views added
 * up, one number. A single sample has variance and covariance 0. Default reducer {@link MeanReducer}. Neither
 * selections nor a distance. Memory O(dim²).
 *
 * Bardes, Ponce, LeCun: VICReg (ICLR 2022), eq. 1 to 6; halves of μ and the means as in PyTorch Metric Learning.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {OptionError} in {@link compute} when there are labels or a selection.
 * @throws {ShapeError} in {@link compute} when the views differ in shape.
 */
export class VICRegLoss extends MetricLoss {
  readonly invarianceLambda: Schedulable
  readonly varianceMu: Schedulable
  readonly covarianceV: Schedulable
  readonly eps: Schedulable

  constructor(options: VICRegLossOptions = {}) {
    expectKnownOptions('VICRegLoss', options, known)
    super('VICRegLoss', options, {
      options: known,
      distance: () => new LpDistance(),
      reducer: () => new MeanReducer(),
      takesSelections: false,
      labels: 'refused',
    })
    const { invarianceLambda = 25, varianceMu = 25, covarianceV = 1, eps = 1e-4 } = options
    expectNumber(this.name, 'invarianceLambda', invarianceLambda, { min: 0 })
    expectNumber(this.name, 'varianceMu', varianceMu, { min: 0 })
    expectNumber(this.name, 'covarianceV', covarianceV, { min: 0 })
    expectNumber(this.name, 'eps', eps, { min: 0, exclusiveMin: true })
    this.invarianceLambda = invarianceLambda
    this.varianceMu = varianceMu
    this.covarianceV = covarianceV
    this.eps = eps
  }

  protected computeTerms({ embeddings, references }: LossInputs): LossTerms {
    expectShape(this.name, 'refEmbeddings', references, embeddings.shape)
    const difference = meanOver(tf.squaredDifference(embeddings, references), 1)
    const [first, second] = [this.#spread(embeddings), this.#spread(references)]
    return {
      invarianceLoss: element(tf.mul(difference, tensorOf(this.invarianceLambda))),
      varianceLoss1: element(first.variance),
      varianceLoss2: element(second.variance),
      covarianceLoss: { over: 'reduced', values: tf.add(first.covariance, second.covariance) },
    }
  }

  /** Variance and covariance terms of one view. */
  #spread(view: tf.Tensor2D): { variance: tf.Tensor; covariance: tf.Tensor } {
    const [rows, dim] = view.shape
    const centred = tf.sub<tf.Tensor2D>(view, meanOver(view, 0, true))
    const covariances = tf.div(tf.matMul(centred, centred, true, false), Math.max(1, rows - 1))
    const variances = tf.div(sumOver(tf.square(centred), 0), Math.max(1, rows - 1))
    const shortfall = tf.relu(tf.sub(1, tf.sqrt(tf.add(variances, tensorOf(this.eps)))))
    const squares = tf.mul(tf.square(covariances), tf.sub(1, identityMatrix(dim)))
    return {
      variance: tf.mul(shortfall, scalars.div(this.varianceMu, 2)),
      covariance: tf.mul(sumOver(tf.reshape(squares, [-1]), 0), scalars.div(this.covarianceV, dim)),
    }
  }
}

const element = (values: tf.Tensor): LossTerm => ({ over: 'element', values, weights: tf.ones(values.shape) })
