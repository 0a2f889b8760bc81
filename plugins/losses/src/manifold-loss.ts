import * as tf from '@tensorflow/tfjs-core'
import { expectFixedNumber, expectNumber, expectShape, Random, type LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity, normalizeRows } from '@metric-learning/distances'
import { drawIntegers, drawState, identityMatrix, sumOver, tensorOf, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { expectClasses } from './base/class-vectors-loss.js'
import { logSumExp, nothing } from './base/log-sum-exp.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'
import { resolvent } from './base/resolvent.js'
import { targetMask } from './base/target-mask.js'
import { standardNormal } from './base/weight-init.js'

/** Options of {@link ManifoldLoss}. */
export interface ManifoldLossOptions extends MetricLossOptions {
  /** Size of an embedding. */
  readonly l: number
  /** Number of proxies. Default 50. */
  readonly K?: number
  /** Factor of the context loss, from 0; `Infinity` leaves the context loss alone. Default 1. May be scheduled. */
  readonly lambdaC?: Schedulable
  /** With what probability a random walk goes on, in [0, 1). Default 0.8. */
  readonly alpha?: number
  /** How much closer the own proxy has to be, in units of a random walk's probability. Default 5e-4. May be scheduled. */
  readonly margin?: Schedulable
  /** Fixes the initial proxies and the random meta classes. Default 0. */
  readonly seed?: number
}

/**
 * Manifold proxies, without classes: each embedding belongs to one of K proxies, its meta class, and shall be nearer to
 * it, along the manifold of the batch, than to the others.
 *
 * With s the similarities among embeddings and proxies, S = exp(2 max(s, 0)) off the diagonal, S̄ = D^-½ S D^-½ and
 * F = (1 - alpha)(I - alpha S̄)⁻¹ ({@link resolvent}): the mean over embeddings i of log(1 + Σ_k exp(g_ik)) over the
 * other proxies k with g_ik = F_ik - F_iy + margin ≥ 0, y the own proxy (intrinsic loss), plus lambdaC times the same
 * with the cosines of the rows of F in place of F (context loss).
 *
 * The labels of {@link compute} are the meta classes, in [0, K). Without labels they are drawn: every proxy at least
 * once where the batch has K rows or more; the state of the draws is the buffer `draws`. One term, `loss`, one number.
 * Default distance {@link CosineSimilarity}. Parameter `proxies` [K, l], from N(0, 1). No selections, no reference
 * sets. Memory O((n + K)²), time O((n + K)³).
 *
 * Aziere, Todorovic: Ensemble Deep Manifold Similarity Learning using Hard Proxies (CVPR 2019), eq. 3 to 7.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class ManifoldLoss extends MetricLoss {
  readonly l: number
  readonly K: number
  readonly lambdaC: Schedulable
  readonly alpha: number
  readonly margin: Schedulable
  readonly #proxies: tf.Variable<tf.Rank.R2>
  readonly #draws: tf.Variable<tf.Rank.R2>

  constructor(options: ManifoldLossOptions) {
    super('ManifoldLoss', options, {
      options: ['l', 'K', 'lambdaC', 'alpha', 'margin', 'seed'],
      distance: () => new CosineSimilarity(),
      reducer: () => new MeanReducer(),
      takesReferences: false,
      takesSelections: false,
      overClasses: true,
      labels: 'optional',
    })
    const { l, K = 50, lambdaC = 1, alpha = 0.8, margin = 5e-4, seed = 0 } = options
    expectNumber(this.name, 'l', l, { min: 1, integer: true })
    expectNumber(this.name, 'K', K, { min: 1, integer: true })
    if (lambdaC !== Infinity) expectNumber(this.name, 'lambdaC', lambdaC, { min: 0 })
    expectFixedNumber(this.name, 'alpha', alpha, { min: 0, max: 0.9999 })
    expectNumber(this.name, 'margin', margin, { min: -1, max: 1, hint: 'The margin is a difference of probabilities.' })
    this.l = l
    this.K = K
    this.lambdaC = lambdaC
    this.alpha = alpha
    this.margin = margin
    const random = new Random(seed)
    const values = standardNormal([K, l], random)
    this.#proxies = this.addParameter('proxies', () => tf.tensor2d(values, [K, l]))
    this.#draws = this.addBuffer('draws', () => drawState(random.int(2 ** 31 - 1)))
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    expectShape(this.name, 'embeddings', inputs.embeddings, ['batch', this.l])
    const isOwn = targetMask(this.#metaClasses(inputs), this.K)
    const nodes = tf.concat([inputs.embeddings, this.#proxies])
    const spread = resolvent(transitions(this.distance.matrix(nodes)), this.alpha)
    const context = () => this.#proxyLoss(cosinesOfRows(spread), isOwn)
    if (this.lambdaC === Infinity) return { loss: { over: 'reduced', values: context() } }
    const intrinsic = this.#proxyLoss(spread, isOwn)
    const values = this.lambdaC === 0 ? intrinsic : tf.add(intrinsic, tf.mul(context(), tensorOf(this.lambdaC)))
    return { loss: { over: 'reduced', values } }
  }

  /** The mean over embeddings of log(1 + Σ exp(g)) over the proxies that are too close. */
  #proxyLoss(affinities: tf.Tensor2D, isOwn: tf.Tensor2D): tf.Scalar {
    const [rows, proxies] = isOwn.shape
    const toProxies = tf.slice(affinities, [0, rows], [rows, proxies])
    const own = sumOver(tf.mul(toProxies, isOwn), 1, true)
    const excess = tf.add(tf.sub(toProxies, own), tensorOf(this.margin))
    const isTooClose = tf.mul(tf.sub(1, isOwn), tf.cast(tf.greaterEqual(excess, 0), 'float32'))
    return tf.mean(logSumExp(excess, isTooClose, { addOne: true }))
  }

  #metaClasses({ relations, isLabelled, embeddings }: LossInputs): tf.Tensor1D {
    if (isLabelled) {
      expectClasses(this.name, relations.queryLabels, this.K)
      return relations.queryLabelTensor
    }
    return this.#drawnClasses(embeddings.shape[0])
  }

  /** Every proxy once where there are rows enough, the others at random, in random order: int32 [rows]. */
  #drawnClasses(rows: number): tf.Tensor1D {
    const others = Math.max(0, rows - this.K)
    const draws = drawIntegers(this.#draws, this.K + others + rows)
    const [ofProxies, ofOthers, ofRows] = tf.split(draws, [this.K, others, rows]) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D]
    const classes = tf.concat([shuffledNumbers(ofProxies), tf.mod<tf.Tensor1D>(ofOthers, tf.scalar(this.K, 'int32'))])
    return tf.gather(tf.slice(classes, 0, rows), shuffledNumbers(ofRows))
  }
}

/** The numbers from 0 on in the order that random keys have: int32 of their length. */
const shuffledNumbers = (keys: tf.Tensor1D): tf.Tensor1D => tf.topk(keys, keys.shape[0]).indices

/** D^-½ S D^-½ with S = exp(2 max(similarity, 0)) off the diagonal, from logarithms, so that nothing overflows. */
function transitions(similarities: tf.Tensor2D): tf.Tensor2D {
  const exponents = tf.mul<tf.Tensor2D>(tf.relu(similarities), 2)
  const isOther = tf.sub<tf.Tensor2D>(1, identityMatrix(similarities.shape[0]))
  const half = tf.mul(logSumExp(exponents, isOther), 0.5)
  const logarithms = tf.sub<tf.Tensor2D>(tf.sub(exponents, tf.expandDims(half, 1)), tf.expandDims(half, 0))
  return tf.exp(tf.where(tf.greater(isOther, 0), logarithms, nothing))
}

function cosinesOfRows(matrix: tf.Tensor2D): tf.Tensor2D {
  const unit = normalizeRows(matrix, 2)
  return tf.matMul(unit, unit, false, true)
}
