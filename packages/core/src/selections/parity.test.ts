import { describe, expect, it } from 'vitest'
import type { GoldenCase } from '../../../../tools/golden/golden-case.js'
import { sortedTuples, toIndices } from '../../../../tools/golden/golden-selection.js'
import { readGolden } from '../../../../tools/golden/read-golden.js'
import { LabelRelations } from '../labels/label-relations.js'
import { toPairSelection } from './convert-selection.js'
import { joinPairs } from './join-pairs.js'
import { selectAllPairs, selectAllTriplets } from './select-all.js'
import { indicesFromSelection, selectionFromIndices } from './selection-indices.js'
import type { PairIndices, TripletIndices } from './selection.js'

type Vectors = Readonly<Record<string, number[]>>

function relationsOf({ inputs }: GoldenCase): LabelRelations {
  const refLabels = inputs.ref_labels as number[] | undefined
  return new LabelRelations(inputs.labels as number[], refLabels && { refLabels })
}

const expectSamePairs = ({ anchor1, positive, anchor2, negative }: PairIndices, expected: Vectors) => {
  expect(sortedTuples(anchor1, positive)).toEqual(sortedTuples(expected.anchor1!, expected.positive!))
  expect(sortedTuples(anchor2, negative)).toEqual(sortedTuples(expected.anchor2!, expected.negative!))
}
const expectSameTriplets = ({ anchor, positive, negative }: TripletIndices, { anchor: a, positive: p, negative: n }: Vectors) => {
  expect(sortedTuples(anchor, positive, negative)).toEqual(sortedTuples(a!, p!, n!))
}

const checks: Readonly<Record<string, (of: GoldenCase) => Promise<void> | void>> = {
  get_matches_and_diffs(of) {
    const relations = relationsOf(of)
    expect(relations.positives().arraySync()).toEqual(of.expected.matches)
    expect(relations.negatives().arraySync()).toEqual(of.expected.diffs)
  },
  async get_all_pairs_indices(of) {
    expect(await indicesFromSelection(selectAllPairs(relationsOf(of)))).toEqual(of.expected)
  },
  async get_all_triplets_indices(of) {
    expect(await indicesFromSelection(selectAllTriplets(relationsOf(of)))).toEqual(of.expected)
  },
  async convert_to_pairs(of) {
    const indices = toIndices(of.inputs.indices_tuple)
    const relations = relationsOf(of)
    const selection = indices ? selectionFromIndices(indices, relations) : selectAllPairs(relations)
    expectSamePairs(await indicesFromSelection(toPairSelection(selection)), of.expected as Vectors)
  },
  async convert_to_triplets(of) {
    const indices = toIndices(of.inputs.indices_tuple)
    const triplets = indices && ('anchor1' in indices ? joinPairs(indices) : indices)
    expectSameTriplets(triplets ?? (await indicesFromSelection(selectAllTriplets(relationsOf(of)))), of.expected as Vectors)
  },
}

describe('selections as in PyTorch Metric Learning', () => {
  for (const of of readGolden('utils')) {
    const check = checks[of.function!]
    if (check) it(of.id, () => check(of))
  }
})
