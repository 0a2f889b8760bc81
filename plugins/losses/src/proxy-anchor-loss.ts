import * as tf from '@tensorflow/tfjs-core'
import type { LossTerm } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { logSumExp, option, scalars } from '@metric-learning/ops'
import { DivisorReducer } from '@metric-learning/reducers'
import { classVectorsLoss } from './base/class-vectors-loss.js'
import type { OptionsOf } from './base/metric-loss.js'
import { kaimingNormal } from './base/weight-init.js'
import { overElements } from './terms/over-elements.js'

/** Options of {@link ProxyAnchorLoss}. */
export type ProxyAnchorLossOptions = OptionsOf<typeof ProxyAnchorLoss>

/**
 * For every proxy p_c, one a class, `log(1 + Σ exp(-alpha (s(x, p_c) - margin)))` over the embeddings x of its class, and
 * `log(1 + Σ exp(alpha (s(x, p_c) + margin)))` over all others; for a distance the differences turn round.
 *
 * Two terms, `posLoss` and `negLoss`, over proxies [numClasses], reduced one by one; a sum over nothing is 0. Default
 * reducer {@link DivisorReducer}: the mean over the proxies of the classes in the batch, and over all proxies. Default
 * distance {@link CosineSimilarity}. Parameter `proxies` [numClasses, embeddingSize] from N(0, 2 / numClasses). In a
 * selection the weight w of an embedding ({@link LossInputs.elementWeights}) adds w - 1 to its exponents.
 *
 * Kim et al.: Proxy Anchor Loss (CVPR 2020), eq. 4.
 *
 * @formula \log\Bigl(1 + \sum_x e^{-\mathrm{alpha} \, (s(x, p_c) - \mathrm{margin})}\Bigr)
 * @formula \log\Bigl(1 + \sum_x e^{\mathrm{alpha} \, (s(x, p_c) + \mathrm{margin})}\Bigr)
 * @useWhen Labelled classes, with no pairs to mine: a proxy weighs the embeddings of a batch against each other by
 *   how hard they are.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class ProxyAnchorLoss extends classVectorsLoss({
  name: 'ProxyAnchorLoss',
  distance: () => new CosineSimilarity(),
  reducer: () => new DivisorReducer(),
  parameter: 'proxies',
  layout: 'rows',
  init: kaimingNormal,
  options: {
    /** How far beyond 0 similarities are driven, on either side. In units of the distance. Default 0.1. May be scheduled. */
    margin: option.distanceUnits({ default: 0.1 }),
    /** How much hard embeddings outweigh easy ones. Default 32. May be scheduled. */
    alpha: option.number({ default: 32, above: 0 }),
  },
  logits: (embeddings, _options, proxies) => proxies.distancesFrom(embeddings),
  terms(inputs, { margin, alpha }, proxies) {
    const { distance } = inputs
    const toProxies = tf.transpose(proxies.distancesFrom(inputs.embeddings))
    const isMember = tf.transpose(proxies.isTarget(inputs.relations))
    const present = tf.sum<tf.Scalar>(tf.max(isMember, 1))
    const weights = inputs.elementWeights()
    const overEmbeddings = (margins: tf.Tensor, members: tf.Tensor2D) => {
      const exponents = tf.mul(margins, alpha)
      return logSumExp(weights ? tf.add(exponents, tf.sub(weights, 1)) : exponents, members, { addOne: true })
    }
    const posLoss = overEmbeddings(distance.margin(toProxies, margin), isMember)
    const negLoss = overEmbeddings(distance.margin(scalars.neg(margin), toProxies), tf.sub(1, isMember))
    return { posLoss: overProxies(posLoss, present), negLoss: overProxies(negLoss, tf.scalar(proxies.numClasses)) }
  },
}) {}

/** A term with a value for each proxy, of which there is one a class. */
function overProxies(values: tf.Tensor, divisor: tf.Scalar): LossTerm {
  const classes = Int32Array.from({ length: values.shape[0]! }, (_, c) => c)
  return overElements(values, { divisor, classes })
}
