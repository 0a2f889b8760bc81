import * as tf from '@tensorflow/tfjs-core'
import { sumOver } from '@metric-learning/ops'
import { BaseRegularizer, type RegularizerOptions, type RegularizerTerm } from './base-regularizer.js'

/**
 * |Σ_d x_id| of every row of float32 [n, dim]: keeps the mean of its coordinates at 0. Default reducer
 * {@link MeanReducer}, to one number.
 *
 * Yuan et al.: Signal-to-Noise Ratio (CVPR 2019), the regularisation of its losses.
 *
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
