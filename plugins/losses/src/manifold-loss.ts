import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { CosineSimilarity, normalizeRows } from '@metric-learning/distances'
import { drawIntegers, firstDrawPosition, identityMatrix, logOfZero, logSumExp, option, sumOver, type Draws, type FormulaNumber } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { standardNormal } from './base/weight-init.js'
import { targetMask } from './numerics/cross-entropy.js'
import { resolvent } from './numerics/resolvent.js'
import { reduced } from './terms/over-elements.js'

/** Options of {@link ManifoldLoss}. */
export type ManifoldLossOptions = OptionsOf<typeof ManifoldLoss>

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
 * once where the batch has K rows or more; where no run counts the draws the buffer `draws` says how far they are. One term, `loss`, one number.
 * Default distance {@link CosineSimilarity}. Parameter `proxies` [K, l], from N(0, 1). No selections, no reference
 * sets. Memory O((n + K)²), time O((n + K)³).
 *
 * Aziere, Todorovic: Ensemble Deep Manifold Similarity Learning using Hard Proxies (CVPR 2019), eq. 3 to 7.
 *
 * @formula \frac{1}{n} \sum_i \log\Bigl(1 + \sum_{k:\, g_{ik} \ge 0} e^{g_{ik}}\Bigr), \qquad g_{ik} = F_{ik} - F_{iy} + \mathrm{margin}
 * @formula F = (1 - \mathrm{alpha}) (I - \mathrm{alpha} \, \bar S)^{-1}, \qquad \bar S = D^{-1/2} S D^{-1/2}
 * @useWhen Samples without labels: proxies take the place of classes. Its time grows with the cube of samples and
 *   proxies together.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class ManifoldLoss extends metricLoss({
  name: 'ManifoldLoss',
  distance: () => new CosineSimilarity(),
  reducer: () => new MeanReducer(),
  takesReferences: false,
  takesSelections: false,
  overClasses: true,
  labels: 'optional',
  options: {
    /** Size of an embedding. */
    l: option.integer({ min: 1 }),
    /** Number of proxies. Default 50. */
    K: option.integer({ default: 50, min: 1 }),
    /** Factor of the context loss, from 0; `Infinity` leaves the context loss alone. Default 1. May be scheduled. */
    lambdaC: option.number({ default: 1, min: 0, orInfinity: true }),
    /** With what probability a random walk goes on, in [0, 0.9999]. Default 0.8. */
    alpha: option.fixedNumber({ default: 0.8, min: 0, max: 0.9999 }),
    /** How much closer the own proxy has to be, in units of a random walk's probability. Default 5e-4. May be scheduled. */
    margin: option.number({ default: 5e-4, min: -1, max: 1, hint: 'The margin is a difference of probabilities.' }),
    /** Fixes the initial proxies and the random meta classes. Default 0. */
    seed: option.integer({ default: 0 }),
  },
  numClasses: ({ K }) => K,
  embeddingSize: ({ l }) => l,
  parameters: ({ K, l, seed }) => ({ proxies: () => tf.tensor2d(standardNormal([K, l], new Random(seed)), [K, l]) }),
  buffers: () => ({ draws: firstDrawPosition }),
  terms(inputs, { K, lambdaC, alpha, margin, seed }, { proxies, draws }) {
    const { embeddings, relations, isLabelled, distance } = inputs
    const isOwn = targetMask(isLabelled ? relations.queryLabelTensor : drawnClasses(inputs.draws(draws, seed), K, embeddings.shape[0]), K)
    const nodes = tf.concat([embeddings, proxies])
    const spread = resolvent(transitions(distance.matrix(nodes)), alpha)
    const context = () => proxyLoss(cosinesOfRows(spread), isOwn, margin)
    if (lambdaC === Infinity) return { loss: reduced(context()) }
    const intrinsic = proxyLoss(spread, isOwn, margin)
    return { loss: reduced(lambdaC === 0 ? intrinsic : tf.add(intrinsic, tf.mul(context(), lambdaC))) }
  },
}) {}

/** The mean over embeddings of log(1 + Σ exp(g)) over the proxies that are too close. */
function proxyLoss(affinities: tf.Tensor2D, isOwn: tf.Tensor2D, margin: FormulaNumber): tf.Scalar {
  const [rows, proxies] = isOwn.shape
  const toProxies = tf.slice(affinities, [0, rows], [rows, proxies])
  const own = sumOver(tf.mul(toProxies, isOwn), 1, true)
  const excess = tf.add(tf.sub(toProxies, own), margin)
  const isTooClose = tf.mul(tf.sub(1, isOwn), tf.cast(tf.greaterEqual(excess, 0), 'float32'))
  return tf.mean(logSumExp(excess, isTooClose, { addOne: true }))
}

/** Every proxy once where there are rows enough, the others at random, in random order: int32 [rows]. */
function drawnClasses(draws: Draws, K: number, rows: number): tf.Tensor1D {
  const others = Math.max(0, rows - K)
  const drawn = drawIntegers(K + others + rows, draws)
  const [ofProxies, ofOthers, ofRows] = tf.split(drawn, [K, others, rows]) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D]
  const classes = tf.concat([shuffledNumbers(ofProxies), tf.mod<tf.Tensor1D>(ofOthers, tf.scalar(K, 'int32'))])
  return tf.gather(tf.slice(classes, 0, rows), shuffledNumbers(ofRows))
}

/** The numbers from 0 on in the order that random keys have: int32 of their length. */
const shuffledNumbers = (keys: tf.Tensor1D): tf.Tensor1D => tf.topk(keys, keys.shape[0]).indices

/** D^-½ S D^-½ with S = exp(2 max(similarity, 0)) off the diagonal, from logarithms, so that nothing overflows. */
function transitions(similarities: tf.Tensor2D): tf.Tensor2D {
  const exponents = tf.mul<tf.Tensor2D>(tf.relu(similarities), 2)
  const isOther = tf.sub<tf.Tensor2D>(1, identityMatrix(similarities.shape[0]))
  const half = tf.mul(logSumExp(exponents, isOther), 0.5)
  const logarithms = tf.sub<tf.Tensor2D>(tf.sub(exponents, tf.expandDims(half, 1)), tf.expandDims(half, 0))
  return tf.exp(tf.where(tf.greater(isOther, 0), logarithms, logOfZero))
}

function cosinesOfRows(matrix: tf.Tensor2D): tf.Tensor2D {
  const unit = normalizeRows(matrix, 2)
  return tf.matMul(unit, unit, false, true)
}
