import * as tf from '@tensorflow/tfjs-core'
import { describeValue, OptionError, type ComputeOptions, type LabelRelations, type Labels, type Loss, type Miner, type References, type Selection, type SelectionIndices } from '@metric-learning/contracts'
import { tensorOf, type Schedulable } from './scheduled.js'

/** A loss, who selects the pairs or triplets that it looks at, and how much it counts: an objective of a trainer, say. */
export interface Judge {
  readonly loss: Pick<Loss, 'compute'>
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
 * and in losses that wrap others.
 *
 * @throws {OptionError} when the miner gives nothing: the loss would look at everything.
 */
export function judge({ loss, miner, weight = 1 }: Judge, { embeddings, labels, mining, ...options }: Judged, choose: Choice = (mined) => mined): tf.Scalar {
  const { references, ...others } = options
  const looksAt = mining ?? { embeddings, references }
  // A miner says itself that it needs labels.
  const mined = miner?.mine(looksAt.embeddings, labels as Labels, { ...others, ...(looksAt.references && { references: looksAt.references }) })
  if (miner) expectSomething(miner.name, mined)
  const selection = choose(mined)
  const value = loss.compute(embeddings, labels, { ...options, ...(selection && { selection }) })
  return weight === 1 ? value : tf.mul(value, tensorOf(weight))
}

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
