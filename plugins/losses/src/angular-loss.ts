import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { gatherColumns, logSumExp, option, scalars } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { toRadians } from './numerics/angles.js'
import { byAnchor, constant, shared } from './terms/by-anchor.js'

/** Options of {@link AngularLoss}. */
export type AngularLossOptions = OptionsOf<typeof AngularLoss>

/**
 * `log(1 + Σ_n exp(4 tan²α (a + p) · n - 2 (1 + tan²α) a · p))` for every positive pair a, p, where n
 * runs over all references of another class than the anchor; all embeddings are normalised.
 *
 * One term, `loss`, over positive pairs [n, k]; k is the largest number of positives of an anchor. Takes
 * pairs, triplets (as their pairs) and reference sets: the positive pairs are those selected, the negatives
 * always come from the labels, but without a selected negative pair the loss is 0. The distance is
 * {@link LpDistance} with its defaults and no other; default reducer {@link MeanReducer}. Memory O(n k m), in blocks
 * of anchors beyond {@link blockBytes}.
 *
 * Wang et al.: Deep Metric Learning with Angular Loss (ICCV 2017), its angular loss over batches, in the form of PyTorch
 * Metric Learning.
 *
 * @formula \log\Bigl(1 + \sum_n \exp\bigl(4 \tan^2\alpha \, (a + p) \cdot n - 2 (1 + \tan^2\alpha) \, a \cdot p\bigr)\Bigr)
 * @useWhen Classes that differ in spread, so that no margin in units of a distance suits all: an angle does not
 *   depend on scale.
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class AngularLoss extends metricLoss({
  name: 'AngularLoss',
  distance: () => new LpDistance(),
  onlyDistance: { normalizeEmbeddings: true, p: 2, power: 1 },
  reducer: () => new MeanReducer(),
  compares: 'bothPairs',
  options: {
    /** The largest angle at the negative that costs little. In degrees, at most 89. Default 40. May be scheduled. */
    alpha: option.degrees({ default: 40, max: 89 }),
    /**
     * Normalises negatives as well, as the paper does; with false they are taken as they are, so that the loss
     * depends on the scale of the embeddings, as that of PyTorch Metric Learning. Default true.
     */
    normalizeNegatives: option.flag({ default: true }),
  },
  terms(inputs, { alpha, normalizeNegatives }) {
    const { embeddings, references, relations, distance } = inputs
    const { positiveIndex, weights } = inputs.positivePairs()
    const anchors = distance.normalize(embeddings)
    const positives = references === embeddings ? anchors : distance.normalize(references)
    const negatives = normalizeNegatives ? positives : references
    // Among all references there would be too many of them in a memory: there those of the positives alone.
    const isSelf = references === embeddings
    const operands = {
      ap: isSelf ? gatherColumns(tf.matMul(anchors, positives, false, true), positiveIndex) : undefined,
      an: isSelf ? tf.matMul(anchors, negatives, false, true) : undefined,
      pn: isSelf ? shared(tf.matMul(positives, negatives, false, true)) : undefined,
      anchors: isSelf ? undefined : anchors,
      positives: isSelf ? undefined : shared(positives),
      negatives: isSelf ? undefined : shared(negatives),
      index: constant(positiveIndex),
      isNegative: constant(relations.negatives()),
    }
    const entropy = byAnchor(
      operands,
      ({ index, isNegative, ...vectors }) => {
        const squaredTangent = scalars.square(scalars.tan(toRadians(alpha)))
        const ofPair = scalars.mul(2, scalars.add(1, squaredTangent))
        const { ap, toNegatives } = productsOf(index as tf.Tensor2D, vectors)
        const exponents = tf.sub(tf.mul(toNegatives, scalars.mul(4, squaredTangent)), tf.mul(tf.expandDims(ap, 2), ofPair))
        return logSumExp(exponents, tf.expandDims(isNegative, 1), { addOne: true })
      },
      { valuesPerAnchor: positiveIndex.shape[1] * relations.referenceCount },
    )
    return { loss: { over: 'pair', values: entropy, weights: tf.mul(weights, inputs.hasNegatives()) } }
  },
}) {}

type Operands = Readonly<Record<'ap' | 'an' | 'pn' | 'anchors' | 'positives' | 'negatives', tf.Tensor | undefined>>

/** Of some anchors a · p, float32 [rows, k], and (a + p) · n, float32 [rows, k, m]. From products that are there, or else from the vectors. */
function productsOf(index: tf.Tensor2D, { ap, an, pn, anchors, positives, negatives }: Operands): { readonly ap: tf.Tensor; readonly toNegatives: tf.Tensor } {
  if (pn) return { ap: ap!, toNegatives: tf.add(tf.expandDims(an!, 1), tf.gather(pn, index)) }
  const [anchor, positive] = [tf.expandDims(anchors!, 1), tf.gather(positives!, index)]
  const both = tf.reshape(tf.add(anchor, positive), [-1, positive.shape[2]!])
  const toNegatives = tf.reshape(tf.matMul(both, negatives as tf.Tensor2D, false, true), [...index.shape, negatives!.shape[0]!])
  return { ap: tf.sum(tf.mul(anchor, positive), 2), toNegatives }
}
