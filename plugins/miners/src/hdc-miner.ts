import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { option } from '@metric-learning/ops'
import { hardestShare } from './base/hardest-share.js'
import { metricMiner, type OptionsOf } from './base/metric-miner.js'

/** Options of {@link HDCMiner}. */
export type HDCMinerOptions = OptionsOf<typeof HDCMiner>

/**
 * Keeps the hardest share of all positive pairs of the batch, the farthest ones, and the same share of all negative pairs, the
 * closest ones: ⌈filterPercentage · count⌉ of each. Pairs that tie with the last one, such as (i, j) and (j, i), share what is left for
 * them, with weights below 1.
 *
 * `mine` takes `among`: pairs or triplets to choose among, such as those that a step before of a cascade left over; a pair that is
 * there c times counts c times. Default distance {@link LpDistance}. Pairs; memory O(n m) as a whole, since the share is one of all
 * pairs, and no sorting: 256 embeddings against 65,536, d = 512, take 1.5 GiB with ContrastiveLoss and its gradient.
 *
 * Statistics: `numPosPairs`, `numNegPairs`, the weights of what is selected summed up.
 *
 * Yuan, Yang, Zhang: Hard-Aware Deeply Cascaded Embedding (ICCV 2017), section 3.2: hard example selection.
 *
 * @useWhen The hardest pairs of the whole batch rather than of each anchor, and cascades of models.
 * @throws {OptionError} when an option is unknown, or the share is not above 0 and at most 1.
 */
export class HDCMiner extends metricMiner({
  name: 'HDCMiner',
  selects: 'pairs',
  distance: () => new LpDistance(),
  chooses: true,
  options: {
    /** The share that is kept, above 0 and at most 1. Default 0.5. May be scheduled. */
    filterPercentage: option.number({ default: 0.5, above: 0, max: 1, hint: 'Pass a share, such as 0.5 for half of the pairs.' }),
  },
  select({ apart, pairs }, { filterPercentage }) {
    const { positive, negative } = pairs()
    return {
      kind: 'pairs',
      positive: hardestShare(apart(), positive, filterPercentage),
      negative: tf.tidy(() => hardestShare(tf.neg(apart()), negative, filterPercentage)),
    }
  },
}) {}
