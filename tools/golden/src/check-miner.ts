import type { Miner, References } from '@metric-learning/contracts'
import { indicesFromSelection } from '@metric-learning/ops'
import { construct, type Registry } from './construct.js'
import { expectEqual } from './expect-close.js'
import type { GoldenCase } from './golden-case.js'
import { sortedTuples } from './golden-selection.js'
import { toMatrix } from './golden-tensor.js'

/** Why a case cannot be put to a miner yet. */
export function skipMiner({ tags, inputs }: GoldenCase): string | undefined {
  if (tags.includes('stochastic')) return 'what it may draw is not checked yet'
  return inputs.external_indices_tuple ? 'indices from outside are not checked yet' : undefined
}

/** Checks which pairs or triplets a miner selects, as multisets. */
export async function checkMiner(of: GoldenCase, registry: Registry): Promise<void> {
  const { embeddings, labels, ref_emb, ref_labels } = of.inputs
  const references: References | undefined = ref_emb ? { refEmbeddings: toMatrix(ref_emb), refLabels: ref_labels as number[] } : undefined
  const miner = construct<Miner>(of.class!, of.args, registry)
  const mined = miner.mine(toMatrix(embeddings), labels as number[], references ? { references } : {})
  const indices = await indicesFromSelection(mined)
  if ('anchor' in indices) {
    expectEqual('triplets', sortedTuples(indices.anchor, indices.positive, indices.negative), joined(of.expected.triplets), of)
  } else {
    expectEqual('positive pairs', sortedTuples(indices.anchor1, indices.positive), joined(of.expected.positive_pairs), of)
    expectEqual('negative pairs', sortedTuples(indices.anchor2, indices.negative), joined(of.expected.negative_pairs), of)
  }
}

const joined = (rows: unknown) => (rows as number[][] | undefined)?.map((row) => row.join(',')).sort()
