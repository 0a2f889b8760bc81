import type * as tf from '@tensorflow/tfjs-core'
import type { Selection } from '@metric-learning/contracts'
import { mapRowBlocksByName, type Comparison } from '@metric-learning/ops'

/** Some anchors of a comparison. */
export interface AnchorBlock extends Comparison {
  /** That anchor i is reference i + diagonal, where they are of one set. */
  readonly diagonal: number | undefined
}

/**
 * What is selected of all anchors, some at a time: for a rule by which what is selected of an anchor follows from it, its pairs and the
 * references. What a block needs in between is freed before the next one.
 *
 * @param size anchors in a block
 * @param select gives pairs, or picked triplets
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
