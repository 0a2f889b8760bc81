import * as tf from '@tensorflow/tfjs-core'
import {
  describeValue,
  isLabelRelations,
  OptionError,
  type Compared,
  type ComputeOptions,
  type LabelRelations,
  type Labels,
  type Loss,
  type Miner,
  type References,
  type ReferenceLabels,
  type Selection,
  type SelectionIndices,
} from '@metric-learning/contracts'
import { asRelations } from './labels/relations.js'
import { tensorOf, type Schedulable } from './scheduled.js'
import { CountedRule } from './selections/counted-rule.js'
import { isEmptySelection } from './selections/is-empty-selection.js'

/** A loss, who selects the pairs or triplets that it looks at, and how much it counts: an objective of a trainer, say. */
export interface Judge {
  readonly loss: Pick<Loss, 'compute' | 'compares' | 'overClasses' | 'nested'>
  /** Default: the loss looks at all that the labels allow. */
  readonly miner?: Pick<Miner, 'name' | 'mine'> | undefined
  /** Factor of the value. Default 1. */
  readonly weight?: Schedulable | undefined
}

/** What a {@link Judge} looks at. */
export interface Judged extends Omit<ComputeOptions, 'selection'> {
  /** float32 [n, dim] */
  readonly embeddings: tf.Tensor2D
  readonly labels: Labels | LabelRelations | undefined
  /** What the miner looks at in place of embeddings and references: others of the same samples, row by row. */
  readonly mining?: { readonly embeddings: tf.Tensor2D; readonly references?: References | undefined } | undefined
}

/** What becomes of what a miner selected; of `undefined` where there is none. */
export type Choice = (mined: Selection | undefined) => Selection | SelectionIndices | undefined

/**
 * The value of a loss of what its miner selects, weighed: float32 []. The one way from a miner to a loss, in objectives of a trainer
 * and in losses that wrap others. The observer is told what the miner records, and whether there was nothing to compare: of a loss
 * that wraps others, whether its miner selected nothing.
 *
 * @throws {OptionError} when the miner gives nothing: the loss would look at everything.
 */
export function judge({ loss, miner, weight = 1 }: Judge, { embeddings, labels, mining, observer, ...options }: Judged, choose: Choice = (mined) => mined): tf.Scalar {
  const { references, ...others } = options
  const looksAt = mining ?? { embeddings, references }
  // A miner says itself that it needs labels.
  const mined = miner?.mine(looksAt.embeddings, labels as Labels, {
    ...others,
    ...(looksAt.references && { references: looksAt.references }),
    ...(observer?.record && { record: observer.record }),
  })
  if (miner) expectSomething(miner.name, mined)
  const selection = choose(mined)
  const counted = observer && CountedRule.of(selection, comparedBy(loss))
  try {
    const chosen = counted?.selection ?? selection
    const value = loss.compute(embeddings, labels, { ...options, ...(chosen && { selection: chosen }), ...(observer && (loss.nested || observer.terms) && { observer }) })
    // What is no selection the loss has refused by now.
    if (observer && labels && (selection || !loss.nested)) {
      observer.countEmpty(tf.tidy(() => isEmptySelection(selection, relationsOf(labels, references), comparedBy(loss), counted?.total)))
    }
    return weight === 1 ? value : tf.mul(value, tensorOf(weight))
  } finally {
    counted?.dispose()
  }
}

/** What a loss has to find to be other than 0; of one that wraps others any pair: each of these is asked itself. */
export const comparedBy = ({ compares, overClasses, nested }: Pick<Loss, 'compares' | 'overClasses' | 'nested'>): Compared =>
  nested ? 'pairs' : (compares ?? (overClasses ? 'embeddings' : 'pairs'))

const relationsOf = (labels: Labels | LabelRelations, references: References | undefined): LabelRelations =>
  isLabelRelations(labels) ? labels : asRelations(labels, references?.refLabels && (references as ReferenceLabels))

function expectSomething(who: string, mined: unknown): void {
  if (typeof mined === 'object' && mined !== null) return
  throw new OptionError({ who, wanted: 'a selection from `mine`', got: describeValue(mined), fix: 'Return it; one that selects nothing has weights of 0.' })
}

/**
 * Checks that a loss takes what a miner selects.
 *
 * @throws {OptionError} when it takes no labels, or no selection.
 */
export function expectTakesMiner(who: string, loss: Loss, miner: Miner): void {
  const refuse = (wanted: string, fix: string) => new OptionError({ who, wanted, got: miner.name, fix })
  if (loss.labels === 'refused') throw refuse(`no \`miner\` with ${loss.name}, which goes by no labels`, 'Leave it out.')
  if (loss.takesSelections === false) throw refuse(`no \`miner\` with ${loss.name}`, 'This loss looks at the whole batch: leave the miner out.')
}
