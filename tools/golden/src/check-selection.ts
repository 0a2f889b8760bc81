import * as tf from '@tensorflow/tfjs-core'
import { rowsByLabel, type LabelRelations, type PairIndices, type Selection } from '@metric-learning/contracts'
import {
  indicesFromSelection,
  joinPairs,
  relationsOf,
  selectAllPairs,
  selectAllTriplets,
  selectionFromIndices,
  toPairSelection,
} from '@metric-learning/ops'
import type { Registry } from './construct.js'
import { expectAll, expectClose, expectEqual } from './expect-close.js'
import type { GoldenCase } from './golden-case.js'
import { sortedTuples, toIndices } from './golden-selection.js'
import { toMatrix } from './golden-tensor.js'

type Check = (of: GoldenCase, registry: Registry) => void | Promise<void>
type Vectors = Readonly<Record<string, number[]>>
type ElementWeights = (selection: Selection, of: Pick<LabelRelations, 'sameSet' | 'queryCount'>) => tf.Tensor1D
type LogSumExp = (x: tf.Tensor, weights: tf.Tensor, options: { addOne: boolean }) => tf.Tensor

const functionOf = <F>(registry: Registry, name: string): F => (registry as Readonly<Record<string, unknown>>)[name] as F

/** Functions of PyTorch Metric Learning that have a counterpart; those of other packages are in the registry. */
const checks: Readonly<Record<string, { readonly needs?: string; readonly check: Check }>> = {
  get_matches_and_diffs: { check: (of) => {
    const relations = relationsOfCase(of)
    expectEqual('matches', relations.positives().arraySync(), of.expected.matches, of)
    expectEqual('diffs', relations.negatives().arraySync(), of.expected.diffs, of)
  } },
  get_all_pairs_indices: { check: async (of) => expectVectors(of, await indicesFromSelection(selectAllPairs(relationsOfCase(of)))) },
  get_all_triplets_indices: { check: async (of) => expectVectors(of, await indicesFromSelection(selectAllTriplets(relationsOfCase(of)))) },
  convert_to_pairs: { check: async (of) => {
    const indices = toIndices(of.inputs.indices_tuple)
    const relations = relationsOfCase(of)
    const selection = indices ? selectionFromIndices(indices, relations) : selectAllPairs(relations)
    const { anchor1, positive, anchor2, negative }: PairIndices = await indicesFromSelection(toPairSelection(selection))
    const expected = of.expected as Vectors
    expectEqual('positive pairs', sortedTuples(anchor1, positive), sortedTuples(expected.anchor1!, expected.positive!), of)
    expectEqual('negative pairs', sortedTuples(anchor2, negative), sortedTuples(expected.anchor2!, expected.negative!), of)
  } },
  convert_to_triplets: { check: async (of) => {
    const indices = toIndices(of.inputs.indices_tuple)
    const triplets = indices && ('anchor1' in indices ? joinPairs(indices) : indices)
    const { anchor, positive, negative } = triplets ?? (await indicesFromSelection(selectAllTriplets(relationsOfCase(of))))
    const expected = of.expected as Vectors
    expectEqual('triplets', sortedTuples(anchor, positive, negative), sortedTuples(expected.anchor!, expected.positive!, expected.negative!), of)
  } },
  convert_to_weights: { needs: 'elementWeights', check: (of, registry) => {
    const labels = of.inputs.labels as number[]
    const tuple = of.inputs.indices_tuple as number[][] | undefined
    const referenceCount = Math.max(labels.length, ...(tuple ?? []).flat().map((row) => row + 1))
    const extents = { sameSet: of.inputs.using_ref !== true, queryCount: labels.length, referenceCount }
    const indices = toIndices(tuple)
    const weights = indices
      ? functionOf<ElementWeights>(registry, 'elementWeights')(selectionFromIndices(indices, extents), extents)
      : tf.ones([labels.length])
    expectClose('weights', weights, of.expected.weights, of, 'value')
  } },
  get_labels_to_indices: { check: (of) => {
    expectEqual('rows by label', Object.fromEntries(rowsByLabel(of.inputs.labels as number[])), of.expected.labels_to_indices, of)
  } },
  logsumexp: { needs: 'logSumExp', check: (of, registry) => {
    const { dim, add_one, keep_mask } = of.inputs
    const turned = (x: tf.Tensor) => (dim === 0 ? tf.transpose(x) : x)
    const x = toMatrix(of.inputs.x)
    const kept = keep_mask ? tf.tensor2d(keep_mask as number[][]) : tf.ones(x.shape)
    const logSumExp = functionOf<LogSumExp>(registry, 'logSumExp')
    const sums = (at: tf.Tensor) => logSumExp(turned(at), turned(kept), { addOne: add_one === true })
    const [rows, columns] = (of.expected.output as { shape: [number, number] }).shape
    const weights = tf.reshape(tf.slice(toMatrix(of.inputs.output_grad_weights), [0, 0], [rows, columns]), [-1])
    const gradient = tf.grad((at: tf.Tensor) => tf.sum(tf.mul(sums(at), weights)))(x)
    expectAll([
      () => expectClose('output', sums(x), of.expected.output, of, 'value'),
      () => expectClose('gradient of x', gradient, (of.expected.grads as { x: unknown }).x, of, 'grad'),
    ])
  } },
}

/** Functions of PyTorch Metric Learning that have no meaning here, and why. */
const withoutMeaning: Readonly<Record<string, string>> = {
  convert_to_pos_pairs_with_unique_labels: 'NPairsLoss takes one pair a class itself, which its cases check',
  get_anchors: 'anchors are the rows of a selection, not a list',
  get_random_triplet_indices: 'triplets are drawn on the device, as many of each anchor; tests of drawTriplets check which, and how often',
  make_label_to_rank_dict: 'losses and miners take any integers; LabelMapper numbers classes by their names',
  matched_size_indices: 'positives and negatives are weights of one shape, and no lists of two lengths',
  remove_self_comparisons: 'a memory knows the slots of the batch, which cases of CrossBatchMemory check',
  shift_indices_tuple: 'row numbers of references count from the first of them; no batch stands before these',
  torch_standard_scaler: 'nothing here standardises embeddings',
  unslice_by_n: 'nothing here takes every n-th row of a batch, to put them together again',
}

/** Why a function of PyTorch Metric Learning is not checked. */
export function skipSelection(of: GoldenCase, registry: Registry): string | undefined {
  const known = checks[of.function!]
  if (!known) return `${of.function}: ${withoutMeaning[of.function!] ?? 'there is none of it yet'}`
  return known.needs && !(known.needs in registry) ? `there is no ${known.needs} here` : undefined
}

/** Checks who is whose positive, lists of pairs and triplets, and the sums that losses are made of. */
export const checkSelection: Check = (of, registry) => checks[of.function!]!.check(of, registry)

function relationsOfCase({ inputs }: GoldenCase): LabelRelations {
  const refLabels = inputs.ref_labels as number[] | undefined
  return relationsOf(inputs.labels as number[], refLabels && { refLabels })
}

function expectVectors(of: GoldenCase, indices: object): void {
  for (const [name, vector] of Object.entries(of.expected)) expectEqual(name, (indices as Vectors)[name], vector, of)
}
