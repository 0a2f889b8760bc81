import { indicesFromSelection, type Miner, type PairSelection } from '@metric-learning/core'
import { CosineSimilarity, DotProductSimilarity, LpDistance } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { construct } from '../../../tools/golden/construct.js'
import type { GoldenCase } from '../../../tools/golden/golden-case.js'
import { sortedTuples } from '../../../tools/golden/golden-selection.js'
import { toMatrix } from '../../../tools/golden/golden-tensor.js'
import { readGolden } from '../../../tools/golden/read-golden.js'
import { MultiSimilarityMiner } from './multi-similarity-miner.js'

const registry = { CosineSimilarity, DotProductSimilarity, LpDistance, MultiSimilarityMiner }
const joined = (rows: unknown) => (rows as number[][]).map((row) => row.join(',')).sort()

async function check(of: GoldenCase): Promise<void> {
  const { embeddings, labels, ref_emb, ref_labels } = of.inputs
  const references = ref_emb ? { refEmbeddings: toMatrix(ref_emb), refLabels: ref_labels as number[] } : undefined
  const miner = construct<Miner<PairSelection>>(of.class!, of.args, registry)
  const mined = miner.mine(toMatrix(embeddings), labels as number[], references ? { references } : {})
  const { anchor1, positive, anchor2, negative } = await indicesFromSelection(mined)
  expect(sortedTuples(anchor1, positive)).toEqual(joined(of.expected.positive_pairs))
  expect(sortedTuples(anchor2, negative)).toEqual(joined(of.expected.negative_pairs))
}

describe('miners as in PyTorch Metric Learning', () => {
  for (const of of readGolden('miners')) it(of.id, () => check(of))
})
