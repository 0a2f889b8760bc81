import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { scalars, tensorOf, type Schedulable } from '@metric-learning/ops'
import { DivisorReducer } from '@metric-learning/reducers'
import { ClassVectorsLoss, type ClassVectorsLossOptions } from './base/class-vectors-loss.js'
import { expectDistanceUnits } from './base/expect-distance-units.js'
import { logSumExp } from './base/log-sum-exp.js'
import type { LossInputs } from './base/loss-inputs.js'
import { kaimingNormal } from './base/weight-init.js'

/** Options of {@link ProxyAnchorLoss}. */
export interface ProxyAnchorLossOptions extends ClassVectorsLossOptions {
  /** How far beyond 0 similarities are driven, on either side. In units of the distance. Default 0.1. May be scheduled. */
  readonly margin?: Schedulable
  /** How much hard embeddings outweigh easy ones. Default 32. May be scheduled. */
  readonly alpha?: Schedulable
}

/**
 * For every proxy p_c, one a class, log(1 + Σ exp(-alpha (s(x, p_c) - margin))) over the embeddings x of its class, and
 * log(1 + Σ exp(alpha (s(x, p_c) + margin))) over all others; for a distance the differences turn round.
 *
 * Two terms, `posLoss` and `negLoss`, over proxies [numClasses], reduced one by one; a sum over nothing is 0. Default
 * reducer {@link DivisorReducer}: the mean over the proxies of the classes in the batch, and over all proxies. Default
 * distance {@link CosineSimilarity}. Parameter `proxies` [numClasses, embeddingSize] from N(0, 2 / numClasses). In a
 * selection the weight w of an embedding ({@link LossInputs.elementWeights}) adds w - 1 to its exponents.
 *
 * Kim et al.: Proxy Anchor Loss (CVPR 2020), eq. 4.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class ProxyAnchorLoss extends ClassVectorsLoss {
  readonly margin: Schedulable
  readonly alpha: Schedulable

  constructor(options: ProxyAnchorLossOptions) {
    super('ProxyAnchorLoss', options, {
      options: ['margin', 'alpha'],
      distance: () => new CosineSimilarity(),
      reducer: () => new DivisorReducer(),
      parameter: 'proxies',
      layout: 'rows',
      init: kaimingNormal,
    })
    const { margin = 0.1, alpha = 32 } = options
    expectDistanceUnits(this.name, 'margin', margin, this.distance)
    expectNumber(this.name, 'alpha', alpha, { min: 0, exclusiveMin: true })
    this.margin = margin
    this.alpha = alpha
  }

  /** Distances or similarities to the proxies, without a margin: float32 [n, numClasses]. */
  getLogits(embeddings: tf.Tensor2D): tf.Tensor2D {
    return this.distance.matrix(embeddings, this.vectors())
  }

  protected computeClassTerms(inputs: LossInputs): LossTerms {
    const toProxies = tf.transpose(this.getLogits(inputs.embeddings))
    const isMember = tf.transpose(this.isTarget(inputs.relations))
    const present = tf.sum<tf.Scalar>(tf.max(isMember, 1))
    const weights = inputs.elementWeights()
    const overEmbeddings = (margins: tf.Tensor, members: tf.Tensor2D) => {
      const exponents = tf.mul(margins, tensorOf(this.alpha))
      return logSumExp(weights ? tf.add(exponents, tf.sub(weights, 1)) : exponents, members, { addOne: true })
    }
    const posLoss = overEmbeddings(this.distance.margin(toProxies, tensorOf(this.margin)), isMember)
    const negLoss = overEmbeddings(this.distance.margin(scalars.neg(this.margin), toProxies), tf.sub(1, isMember))
    return {
      posLoss: this.#overProxies(posLoss, present),
      negLoss: this.#overProxies(negLoss, tf.scalar(this.numClasses)),
    }
  }

  #overProxies(values: tf.Tensor, divisor: tf.Scalar): LossTerms[string] {
    const classes = Int32Array.from({ length: this.numClasses }, (_, c) => c)
    return { over: 'element', values, weights: tf.ones([this.numClasses]), divisor, classes }
  }
}
