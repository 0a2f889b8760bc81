import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { metricMiner, option } from '@metric-learning/miners'

/**
 * All positives of an anchor, and those of its negatives with
 *
 *     d(anchor, negative) <= min d(anchor, negatives) + slack
 *
 * Memory O(n m), for n embeddings against m references.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @see Schroff, Kalenichenko, Philbin 2015, FaceNet, section 3.2: hardest negatives; here with those that are about as close.
 */
export class ClosestNegativesMiner extends metricMiner({
  name: 'ClosestNegativesMiner',
  selects: 'pairs',
  distance: () => new LpDistance(),
  options: {
    /** How much farther than the closest negative others may be. In units of the distance. Default 0.1. May be scheduled. */
    slack: option.distanceUnits({ default: 0.1 }),
  },
  select({ apart, relations }, { slack }) {
    const [positive, negatives] = [relations.positives(), relations.negatives()]
    const ofNegatives = tf.where(tf.greater(negatives, 0), apart(), Infinity)
    const isClose = tf.lessEqual(ofNegatives, tf.add(tf.min(ofNegatives, 1, true), slack))
    return { kind: 'pairs', positive, negative: tf.mul(negatives, tf.cast(isClose, 'float32')) }
  },
}) {}
