import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { gatherColumns, option, scalars } from '@metric-learning/ops'
import { metricMiner, type OptionsOf } from './base/metric-miner.js'

/** Options of {@link AngularMiner}. */
export type AngularMinerOptions = OptionsOf<typeof AngularMiner>

/**
 * Keeps triplets by the angle at the negative: that of a right triangle whose legs are half of the distance of anchor and positive, and the
 * distance of the negative to their middle. It has to be larger than `angle`.
 *
 * Distance: {@link LpDistance} with p 2 and power 1, of normalised embeddings. Triplets by a rule; memory O(n m) beside blocks of
 * [n, k, m]. The median of the triangle comes from its sides.
 *
 * Wang et al.: Deep Metric Learning with Angular Loss (ICCV 2017), section 3.2 and figure 3: the triplets which that loss would pull at.
 *
 * @formula \arctan\frac{d(a, p)}{2\, d\bigl(n, \tfrac{a + p}{2}\bigr)} > \mathrm{angle}
 * @useWhen With AngularLoss, or where triplets should be told by shape, not by size.
 * @throws {OptionError} when an option is unknown, the angle is not in degrees, or the distance is another.
 */
export class AngularMiner extends metricMiner({
  name: 'AngularMiner',
  distance: () => new LpDistance(),
  onlyDistance: { normalizeEmbeddings: true, p: 2, power: 1 },
  options: {
    /** The largest angle that is left alone. In degrees, at most 89. Default 20. May be scheduled. */
    angle: option.degrees({ default: 20, max: 89 }),
    /**
     * Whether embeddings are normalised; with false they are taken as they are, so that the angles depend on how long each is, as
     * those of PyTorch Metric Learning. Default true.
     */
    normalizeEmbeddings: option.flag({ default: true }),
  },
  select({ embeddings, references, relations }, { angle, normalizeEmbeddings }) {
    const distance = new LpDistance({ normalizeEmbeddings })
    const squares = (from: tf.Tensor2D, to?: tf.Tensor2D) => tf.square(distance.matrix(from, to))
    const isSelf = references === embeddings
    const toReferences = squares(embeddings, references)
    const { positiveIndex, positiveIndexMask, referenceCount } = relations
    const fromPositives = (index: tf.Tensor2D, whole: tf.Tensor2D) => {
      const rows = tf.gather<tf.Tensor>(whole, index)
      return isSelf ? rows : tf.reshape(squares(tf.reshape(rows, [-1, whole.shape[1]]), whole), [...index.shape, referenceCount])
    }
    return {
      kind: 'tripletRule',
      positiveIndex,
      referenceCount,
      constants: [positiveIndex, positiveIndexMask, gatherColumns(toReferences, positiveIndex), toReferences, relations.negatives()],
      whole: [isSelf ? toReferences : tf.clone(references)],
      weights: ({ constants: [index, isPositive, ofPositives, ofNegatives, isNegative], whole: [whole] }) => {
        const [ap, an] = [tf.expandDims(ofPositives!, 2), tf.expandDims(ofNegatives!, 1)]
        const pn = fromPositives(index as tf.Tensor2D, whole as tf.Tensor2D)
        // Apollonius: the median to (a, p) from its sides, four times its square.
        const median = tf.sub(tf.mul(tf.add(an, pn), 2), ap)
        const squaredTangent = scalars.square(scalars.tan(scalars.mul(angle, Math.PI / 180)))
        const isWide = tf.cast(tf.greater(ap, tf.mul(tf.maximum(median, 0), squaredTangent)), 'float32')
        return tf.mul(tf.mul(isWide, tf.expandDims(isPositive!, 2)), tf.expandDims(isNegative!, 1))
      },
    }
  },
}) {}
