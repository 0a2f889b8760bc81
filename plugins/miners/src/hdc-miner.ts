import * as tf from '@tensorflow/tfjs-core'
import type { PairRule, PairSelection, PairWeights } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { option, pairsByRule, rowsOfBlock, toPairRule } from '@metric-learning/ops'
import { endOfShare, inShare, type Weighted } from './base/hardest-share.js'
import { metricMiner, type OptionsOf } from './base/metric-miner.js'

/** Options of {@link HDCMiner}. */
export type HDCMinerOptions = OptionsOf<typeof HDCMiner>

/**
 * Keeps the hardest share of all positive pairs of the batch, the farthest ones, and the same share of all negative pairs, the
 * closest ones: ⌈filterPercentage · count⌉ of each. Pairs that tie with the last one, such as (i, j) and (j, i), share what is left for
 * them, with weights below 1.
 *
 * `mine` takes `among`: pairs or triplets to choose among, such as those that a step before of a cascade left over; a pair that is
 * there c times counts c times. Default distance {@link LpDistance}. Pairs, of large batches by a rule; memory O(n m) for their distances, since the
 * share is one of all pairs, and no sorting: 8,192 embeddings take 1.3 GiB with ContrastiveLoss and its gradient.
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
  select({ apart, pairs, relations: { queryCount, referenceCount } }, { filterPercentage }): PairSelection {
    const [far, all, size] = [apart(), pairs(), rowsOfBlock(referenceCount)]
    const isLarge = size < queryCount
    const rule = toPairRule(isLarge ? all : { kind: 'pairs', positive: all.positive, negative: all.negative })
    const rows = [far, ...rule.constants]
    const endOf = (kind: keyof PairWeights) => endOfShare({ size, rows, of: (some, start) => hardness(rule, kind, { constants: some, whole: rule.whole, start }) }, filterPercentage)
    const ends = [endOf('positive'), endOf('negative')] as const
    const kept = (block: Rows, [ofPositives, ofNegatives]: readonly tf.Tensor[]): PairWeights => ({
      positive: inShare(hardness(rule, 'positive', block), ofPositives!),
      negative: inShare(hardness(rule, 'negative', block), ofNegatives!),
    })
    if (!isLarge) return { kind: 'pairs', ...kept({ constants: rows, whole: rule.whole, start: 0 }, ends) }
    return pairsByRule({
      referenceCount,
      constants: rows.map((tensor) => tf.clone(tensor)),
      whole: [...ends, ...rule.whole.map((tensor) => tf.clone(tensor))],
      weights: ({ whole: [ofPositives, ofNegatives, ...whole], ...block }) => kept({ ...block, whole }, [ofPositives!, ofNegatives!]),
    })
  },
}) {}

type Rows = Parameters<PairRule['weights']>[0]

/** Pairs of some anchors by how hard they are, a positive one the farther it is, a negative one the closer; distances are the first of the constants. */
function hardness(rule: PairRule, kind: keyof PairWeights, { constants: [far, ...constants], whole, start }: Rows): Weighted {
  return { values: kind === 'negative' ? tf.neg(far!) : far!, weights: rule.weights({ constants, whole, start })[kind] }
}
