import * as tf from '@tensorflow/tfjs-core'
import { construct, type Registry } from './construct.js'
import { expectEqual } from './expect-close.js'
import type { GoldenCase } from './golden-case.js'
import { toMatrix } from './golden-tensor.js'

/** A finder of matches as far as it is checked. */
interface Finder {
  getMatchingPairs(query: tf.Tensor2D, references?: tf.Tensor2D, options?: { readonly returnTuples: boolean }): Promise<unknown>
  isMatch(x: tf.Tensor2D, y: tf.Tensor2D): Promise<boolean[]>
}

/** Why PyTorch Metric Learning is wrong about single pairs; they are compared with its own matrix. */
export const fixedMatchFinder = (of: GoldenCase): string | undefined =>
  of.class === 'MatchFinder' ? 'is_match neither normalises nor raises, and contradicts get_matching_pairs' : undefined

/** Checks which embeddings match, as a matrix, pair by pair, and as tuples of a set with itself. */
export async function checkMatchFinder(of: GoldenCase, registry: Registry): Promise<void> {
  const finder = construct<Finder>(of.class!, of.args, registry)
  const [query, reference] = [toMatrix(of.inputs.query), toMatrix(of.inputs.reference)]
  const matrix = (await finder.getMatchingPairs(query, reference)) as boolean[][]
  expectEqual('matching pairs', matrix.map((row) => row.map(Number)), of.expected.matching_pairs, of)
  const rows = tf.slice(reference, [0, 0], query.shape)
  const diagonal = (of.expected.matching_pairs as number[][]).map((row, i) => row[i])
  expectEqual('is match', (await finder.isMatch(query, rows)).map(Number), diagonal, of)
  expectEqual('pairs of the set itself', await finder.getMatchingPairs(query, undefined, { returnTuples: true }), of.expected.tuples_self, of)
}
