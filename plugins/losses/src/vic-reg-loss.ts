import * as tf from '@tensorflow/tfjs-core'
import { expectShape } from '@metric-learning/contracts'
import { identityMatrix, meanOver, option, scalars, sumOver, type FormulaNumber } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { overElements, reduced } from './terms/over-elements.js'

/** Options of {@link VICRegLoss}. */
export type VICRegLossOptions = OptionsOf<typeof VICRegLoss>

/**
 * Variance-invariance-covariance regularisation of two views of the same samples.
 *
 * `compute(views, undefined, { references: { refEmbeddings: otherViews } })`, row i and row i being one sample. There are
 * no labels; without references the embeddings are both views, and there is no invariance: the trainer wants `against` in its objective.
 *
 * Four terms, reduced one by one. `invarianceLoss`: λ mean_d (x_id - y_id)², over samples [n].
 * `varianceLoss1` and `varianceLoss2`: (μ/2) max(0, 1 - sqrt(var_d + eps)) of either view, over the
 * dimensions [dim]; variances are unbiased. `covarianceLoss`: (ν/dim) Σ_{d ≠ e} cov_de² of both views added
 * up, one number. A single sample has variance and covariance 0. Default reducer {@link MeanReducer}. Neither
 * selections nor a distance. Memory O(dim²).
 *
 * Bardes, Ponce, LeCun: VICReg (ICLR 2022), eq. 1 to 6; halves of μ and the means as in PyTorch Metric Learning.
 *
 * @formula \begin{aligned} \mathrm{invariance} &= \lambda \, \mathrm{mean}_d (x_{id} - y_{id})^2 \\[1ex] \mathrm{variance} &=
 *   \frac{\mu}{2} \max\bigl(0,\; 1 - \sqrt{\mathrm{var}_d + \mathrm{eps}}\bigr) \\[1ex] \mathrm{covariance} &= \frac{\nu}{\mathrm{dim}}
 *   \sum_{d \ne e} \mathrm{cov}_{de}^2 \end{aligned}
 * @useWhen Two views of each sample and no labels. It has no negatives: variance and covariance keep embeddings from
 *   meeting in one point, so that batches need not be large.
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {OptionError} in {@link compute} when there are labels or a selection.
 * @throws {ShapeError} in {@link compute} when the views differ in shape.
 */
export class VICRegLoss extends metricLoss({
  name: 'VICRegLoss',
  distance: 'none',
  reducer: () => new MeanReducer(),
  needsReferences: true,
  takesSelections: false,
  labels: 'refused',
  options: {
    /** λ, the weight of the invariance. Default 25. May be scheduled. */
    invarianceLambda: option.number({ default: 25, min: 0 }),
    /** μ, the weight of the variance. Default 25. May be scheduled. */
    varianceMu: option.number({ default: 25, min: 0 }),
    /** ν, the weight of the covariance. Default 1. May be scheduled. */
    covarianceV: option.number({ default: 1, min: 0 }),
    /** Added to variances before their root. Above 0. Default 1e-4. May be scheduled. */
    eps: option.number({ default: 1e-4, above: 0 }),
  },
  terms({ who, embeddings, references }, { invarianceLambda, varianceMu, covarianceV, eps }) {
    expectShape(who, 'refEmbeddings', references, embeddings.shape)
    const difference = meanOver(tf.squaredDifference(embeddings, references), 1)
    const [first, second] = [spread(embeddings, eps), spread(references, eps)]
    const halfMu = scalars.div(varianceMu, 2)
    const dimensions = Int32Array.from({ length: embeddings.shape[1] }, (_, d) => d)
    return {
      invarianceLoss: overElements(tf.mul(difference, invarianceLambda)),
      varianceLoss1: overElements(tf.mul(first.shortfall, halfMu), { classes: dimensions }),
      varianceLoss2: overElements(tf.mul(second.shortfall, halfMu), { classes: dimensions }),
      covarianceLoss: reduced(tf.mul(tf.add(first.covariance, second.covariance), scalars.div(covarianceV, embeddings.shape[1]))),
    }
  },
}) {}

/** How much the deviation of each dimension of a view falls short of 1, [dim], and Σ_{d ≠ e} cov_de². */
function spread(view: tf.Tensor2D, eps: FormulaNumber): { shortfall: tf.Tensor; covariance: tf.Tensor } {
  const [rows, dim] = view.shape
  const centred = tf.sub<tf.Tensor2D>(view, meanOver(view, 0, true))
  const covariances = tf.div(tf.matMul(centred, centred, true, false), Math.max(1, rows - 1))
  const variances = tf.div(sumOver(tf.square(centred), 0), Math.max(1, rows - 1))
  const squares = tf.mul(tf.square(covariances), tf.sub(1, identityMatrix(dim)))
  return {
    shortfall: tf.relu(tf.sub(1, tf.sqrt(tf.add(variances, eps)))),
    covariance: sumOver(tf.reshape(squares, [-1]), 0),
  }
}
