import * as tf from '@tensorflow/tfjs-core'
import type { PairSelection, PairWeights, Selection } from '@metric-learning/contracts'
import { mapRowBlocksByName, pairsByRule, type Comparison } from '@metric-learning/ops'

/** Some anchors of a comparison. */
export interface AnchorBlock extends Comparison {
  /** That anchor i is reference i + diagonal, where they are of one set. */
  readonly diagonal: number | undefined
}

/**
 * The pairs of all anchors, some at a time, where what is selected of an anchor follows from it, its pairs and the references: by a rule, so
 * that a loss which takes anchors some at a time has the pairs of these alone.
 */
export function pairsOfBlocks({ embeddings, references, relations }: Comparison, select: (block: AnchorBlock) => PairWeights): PairSelection {
  const { constants, whole, of } = relations.byBlocks()
  const isOneSet = references === embeddings
  const own = (tensors: readonly tf.Tensor[]) => tensors.map((tensor) => tf.clone(tensor))
  return pairsByRule({
    referenceCount: relations.referenceCount,
    constants: own([embeddings, ...constants]),
    whole: own([references, ...whole]),
    weights: ({ constants: [rows, ...labels], whole: [all, ...ofAll], start }) =>
      select({ embeddings: rows as tf.Tensor2D, references: all as tf.Tensor2D, relations: of({ constants: labels, whole: ofAll }), diagonal: isOneSet ? start : undefined }),
  })
}

/**
 * The same of triplets that are picked, which are few: at once. What a block needs in between is freed before the next one.
 *
 * @param size anchors in a block
 */
export function selectByBlocks<S extends Selection>({ embeddings, references, relations }: Comparison, size: number, select: (block: AnchorBlock) => S): S {
  const { constants, whole, of } = relations.byBlocks()
  const isOneSet = references === embeddings
  let rest = {}
  const joined = mapRowBlocksByName(size, [embeddings, ...constants], ([rows, ...labels], start) => {
    const block = { embeddings: rows as tf.Tensor2D, references, relations: of({ constants: labels, whole }), diagonal: isOneSet ? start : undefined }
    const { kind, referenceCount, ...tensors } = select(block) as S & { readonly referenceCount?: number }
    rest = { kind, ...(referenceCount !== undefined && { referenceCount }) }
    return tensors as unknown as Readonly<Record<string, tf.Tensor>>
  })
  return { ...rest, ...joined } as unknown as S
}
