import * as tf from '@tensorflow/tfjs-core'
import { sumOver } from '@metric-learning/ops'
import { BaseRegularizer, type RegularizerOptions, type RegularizerTerm } from './base-regularizer.js'

/**
 * The sum of the coordinates of every row of float32 [n, dim], without its sign: keeps their mean at 0. Default reducer
 * {@link MeanReducer}, to one number.
 *
 * Yuan et al.: Signal-to-Noise Ratio (CVPR 2019), the regularisation of its losses.
 *
 * @formula r_i = \Bigl\lvert \sum_d x_{id} \Bigr\rvert
 * @useWhen {@link SNRDistance}, whose variances take the mean off.
 * @example const loss = new TripletMarginLoss({ distance: new SNRDistance(), embeddingRegularizer: new ZeroMeanRegularizer(), embeddingRegWeight: 0.1 })
 * @throws {OptionError} when an option is unknown.
 */
export class ZeroMeanRegularizer extends BaseRegularizer {
  constructor(options: RegularizerOptions = {}) {
    super('ZeroMeanRegularizer', options)
  }

  protected computeTerm(rows: tf.Tensor2D): RegularizerTerm {
    return { values: tf.abs(sumOver(rows, 1)) }
  }
}
