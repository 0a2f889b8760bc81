import type * as tf from '@tensorflow/tfjs-core'
import type { MineOptions, Miner, References, Selection, SelectionIndices } from '@metric-learning/contracts'
import { indicesFromSelection } from '@metric-learning/ops'
import { construct, type Registry } from './construct.js'
import { expectEqual, GoldenMismatch } from './expect-close.js'
import type { GoldenCase, GoldenTensor } from './golden-case.js'
import { goldenRows } from './golden-rows.js'
import { sortedTuples, toIndices } from './golden-selection.js'
import { toMatrix } from './golden-tensor.js'

/** Checks which pairs or triplets a miner selects, as multisets; of miners that draw which ones they may, and how often each. */
export async function checkMiner(of: GoldenCase, registry: Registry): Promise<void> {
  const indices = await mined(of, registry)
  if (of.expected.negative_weights) return checkDistanceWeighted(of, registry, indices)
  if (of.expected.support) return checkUniformHistogram(of, registry, indices)
  if ('anchor' in indices) {
    expectEqual('triplets', sortedTuples(indices.anchor, indices.positive, indices.negative), joined(of.expected.triplets), of)
  } else {
    expectEqual('positive pairs', sortedTuples(indices.anchor1, indices.positive), joined(of.expected.positive_pairs), of)
    expectEqual('negative pairs', sortedTuples(indices.anchor2, indices.negative), joined(of.expected.negative_pairs), of)
  }
}

const joined = (rows: unknown) => (rows as number[][] | undefined)?.map((row) => row.join(',')).sort()

/** What a miner selects, made with further options. */
async function mined(of: GoldenCase, registry: Registry, further: object = {}): Promise<SelectionIndices> {
  const miner = construct<Miner>(of.class!, of.args, registry, further)
  const [selection] = mineOften(of, miner, 1)
  return indicesFromSelection(selection!)
}

/** What a miner selects in several calls. */
function mineOften({ inputs }: GoldenCase, miner: Miner, calls: number): Selection[] {
  const { embeddings, labels, ref_emb, ref_labels, external_indices_tuple } = inputs
  const references: References | undefined = ref_emb ? { refEmbeddings: toMatrix(ref_emb), refLabels: ref_labels as number[] } : undefined
  const among = toIndices(external_indices_tuple)
  const options: MineOptions = { ...(references && { references }), ...(among && { among }) }
  const at: tf.Tensor2D = toMatrix(embeddings)
  return Array.from({ length: calls }, () => miner.mine(at, labels as number[], options))
}

/** As many triplets of each anchor; more of them drawn at once with the probabilities of negatives, and positives all alike. */
async function checkDistanceWeighted(of: GoldenCase, registry: Registry, indices: SelectionIndices): Promise<void> {
  const { anchor } = expectTriplets(of, indices)
  const probabilities = goldenRows(of.expected.negative_weights as GoldenTensor)
  const labels = of.inputs.labels as number[]
  const refLabels = (of.inputs.ref_labels ?? labels) as number[]
  const counts = labels.map((_, row) => Array.from(anchor).filter((of) => of === row).length)
  expectEqual('triplets of each anchor', counts, of.expected.triplets_per_anchor, of)

  const perAnchor = 4000
  const many = expectTriplets(of, await mined(of, registry, { tripletsPerAnchor: perAnchor }))
  const drawn = (which: ArrayLike<number>) => {
    const table = labels.map(() => refLabels.map(() => 0))
    Array.from(many.anchor).forEach((row, i) => (table[row]![which[i]!]! += 1))
    return table
  }
  const ofNegatives = probabilities.map((row, i) => (counts[i] === 0 ? row.map(() => 0) : row.map((probability) => probability * perAnchor)))
  expectDistribution('negatives', drawn(many.negative), ofNegatives, of)
  const ofPositives = labels.map((label, i) => {
    const isPositive = refLabels.map((other, j) => other === label && (of.inputs.ref_labels !== undefined || j !== i))
    const share = perAnchor / Math.max(1, isPositive.filter(Boolean).length)
    return isPositive.map((is) => (is && counts[i]! > 0 ? share : 0))
  })
  expectDistribution('positives', drawn(many.positive), ofPositives, of)
}

/** As many pairs from each bin that has any, and from no other; over many calls the pairs of a bin all alike. */
async function checkUniformHistogram(of: GoldenCase, registry: Registry, indices: SelectionIndices): Promise<void> {
  const { anchor1, positive, anchor2, negative } = expectPairs(of, indices)
  const support = of.expected.support as Readonly<Record<'positive' | 'negative', Support>>
  const pairs = { positive: sortedTuples(anchor1, positive), negative: sortedTuples(anchor2, negative) }
  const calls = 100
  const often = await Promise.all(mineOften(of, construct<Miner>(of.class!, of.args, registry), calls).map((selection) => indicesFromSelection(selection)))
  for (const kind of ['positive', 'negative'] as const) {
    const { total, per_bin, bins } = support[kind]
    expectEqual(`${kind} pairs`, pairs[kind].length, total, of)
    const names = bins.map((bin) => bin.pairs.map((pair) => pair.join(',')))
    expectEqual(`${kind} pairs of each bin`, names.map((bin) => pairs[kind].filter((pair) => bin.includes(pair)).length), names.map(() => per_bin), of)
    const all = often.map((each) => expectPairs(of, each)).flatMap((each) => (kind === 'positive' ? sortedTuples(each.anchor1, each.positive) : sortedTuples(each.anchor2, each.negative)))
    const drawn = names.map((bin) => bin.map((name) => all.filter((pair) => pair === name).length))
    expectDistribution(`${kind} pairs`, drawn, names.map((bin) => bin.map(() => (calls * per_bin) / bin.length)), of)
  }
}

/** What PyTorch Metric Learning draws from: pairs by bin. */
interface Support {
  readonly total: number
  readonly per_bin: number
  readonly bins: readonly { readonly pairs: readonly (readonly number[])[] }[]
}

/** Expects counts like these, row by row: none where none is expected, all together within six deviations of χ². */
function expectDistribution(what: string, counts: readonly (readonly number[])[], expected: readonly (readonly number[])[], of: GoldenCase): void {
  const impossible = expected.map((row, i) => row.map((wanted, j) => (wanted > 0 ? 0 : counts[i]![j])))
  expectEqual(`${what} that cannot be drawn`, impossible, expected.map((row) => row.map(() => 0)), of)
  let [statistic, freedom] = [0, 0]
  expected.forEach((row, i) => {
    const possible = row.flatMap((wanted, j) => (wanted > 0 ? [[wanted, counts[i]![j]!] as const] : []))
    for (const [wanted, count] of possible) statistic += (count - wanted) ** 2 / wanted
    freedom += Math.max(0, possible.length - 1)
  })
  const limit = freedom + 6 * Math.sqrt(2 * freedom) + 6
  if (statistic <= limit) return
  throw new GoldenMismatch(`${of.id}: ${what} are drawn otherwise: χ² is ${statistic.toFixed(1)} with ${freedom} degrees of freedom, expected at most ${limit.toFixed(1)}`)
}

function expectTriplets(of: GoldenCase, indices: SelectionIndices) {
  if ('anchor' in indices) return indices
  throw new GoldenMismatch(`${of.id}: pairs were selected, expected triplets`)
}

function expectPairs(of: GoldenCase, indices: SelectionIndices) {
  if ('anchor1' in indices) return indices
  throw new GoldenMismatch(`${of.id}: triplets were selected, expected pairs`)
}
