import type * as tf from '@tensorflow/tfjs-core'
import type { PairRule, PairSelection, PairWeights } from '@metric-learning/contracts'
import { rowsOfBlock } from '../blocks/block-bytes.js'
import { mapRowBlocksByName } from '../blocks/map-row-blocks.js'
import { withoutGradient } from '../gradients/without-gradient.js'

/**
 * Pairs by a rule as a selection. A loss that takes anchors some at a time asks the rule; who asks for `positive` or `negative` has both
 * [n, m] formed, in the `tf.tidy` of the asker.
 *
 * @param rule its constants have a row an anchor; there is one at least
 */
export const pairsByRule = (rule: PairRule): PairSelection => new PairsByRule(rule)

/** The rule of pairs that go by one. A copy of the selection with other weights, as `{ ...selection, positive }` is, goes by these. */
export const ruleOf = (selection: PairSelection): PairRule | undefined =>
  Object.hasOwn(selection, 'positive') || Object.hasOwn(selection, 'negative') ? undefined : selection.rule

/** Pairs as a rule: the one that they go by, or one over their weights as they are there. */
export function toPairRule(selection: PairSelection): PairRule {
  const rule = ruleOf(selection)
  if (rule) return rule
  const { positive, negative } = selection
  return {
    referenceCount: positive.shape[1],
    constants: [positive, negative],
    whole: [],
    weights: ({ constants: [ofPositives, ofNegatives] }) => ({ positive: ofPositives as tf.Tensor2D, negative: ofNegatives as tf.Tensor2D }),
  }
}

/**
 * Pairs whose weights are changed: by a rule, where they go by one.
 *
 * @param constants with a row an anchor each
 * @param change knows no tensors but those that it is given (and variables), and is called more than once
 */
export function mapPairs(selection: PairSelection, constants: readonly tf.Tensor[], change: (weights: PairWeights, constants: readonly tf.Tensor[]) => PairWeights): PairSelection {
  const rule = ruleOf(selection)
  if (!rule) {
    const { positive, negative } = change(selection, constants)
    return { kind: 'pairs', positive, negative }
  }
  const own = rule.constants.length
  return pairsByRule({
    ...rule,
    constants: [...rule.constants, ...constants],
    weights: ({ constants: all, ...others }) => change(rule.weights({ ...others, constants: all.slice(0, own) }), all.slice(own)),
  })
}

/** What functions by name make of the weights of the pairs of some anchors at a time, joined along the anchors. Off the gradient tape. */
export function mapPairRule<K extends string>({ constants, whole, referenceCount, weights }: PairRule, f: (weights: PairWeights) => Readonly<Record<K, tf.Tensor>>): Record<K, tf.Tensor> {
  const size = rowsOfBlock(referenceCount)
  return withoutGradient(() => mapRowBlocksByName(size, constants, (block, start) => f(weights({ constants: block, whole, start }))))
}

class PairsByRule implements PairSelection {
  readonly kind = 'pairs'
  #formed: PairWeights | undefined

  constructor(readonly rule: PairRule) {}

  // No fields of its own: whoever looks through a selection for tensors, as `tf.tidy` does, would have them formed.
  get positive(): tf.Tensor2D {
    return this.#both().positive
  }

  get negative(): tf.Tensor2D {
    return this.#both().negative
  }

  /** Formed when somebody asks, and again where a `tf.tidy` has freed them since. */
  #both(): PairWeights {
    const formed = this.#formed
    if (formed && !formed.positive.isDisposed && !formed.negative.isDisposed) return formed
    return (this.#formed = mapPairRule(this.rule, ({ positive, negative }) => ({ positive, negative })) as unknown as PairWeights)
  }
}
