import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { metricMiner, option } from '@metric-learning/miners'

/**
 * Keeps all positive pairs, and the negative ones that are close:
 *
 *     d(a, n) < radius
 *
 * By default d is the Euclidean distance of normalised embeddings, from 0 to 2. Memory O(n m), for n embeddings against m references.
 *
 * The negatives of a contrastive loss with that margin: Hadsell, Chopra, LeCun 2006. (Put your own rule here, and where it is from.)
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class ExampleMiner extends metricMiner({
  name: 'ExampleMiner',
  selects: 'pairs',
  distance: () => new LpDistance(),
  options: {
    /** Negatives that are this far or farther are left out. In units of the distance. Default 1. May be scheduled. */
    radius: option.distanceUnits({ default: 1 }),
  },
  select({ apart, relations }, { radius }) {
    const isClose = tf.cast(tf.less(apart(), radius), 'float32')
    return { kind: 'pairs', positive: relations.positives(), negative: tf.mul(relations.negatives(), isClose) }
  },
}) {}
