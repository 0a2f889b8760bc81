import * as tf from '@tensorflow/tfjs-core'
import type { Selection, TripletRule } from '@metric-learning/contracts'
import { drawIntegers, drawnRange, type Draws } from '../device-draws.js'
import { mapPairRule, mapPairs, ruleOf } from './pair-rules.js'
import { mapRule } from './triplet-rules.js'

/**
 * At most `count` of the triplets of a selection, or of its positive and of its negative pairs each; all of them where there are no
 * more. Each is as likely to be left.
 *
 * Systematic sampling: of tuples in a row every (total / count)-th from a random start; first as many of each
 * anchor as fall to it, then these among its own. That takes n + 1 draws, whatever the number of tuples, and of a rule
 * neither [n, k, m] nor [n, m] is ever there as a whole. Weights are whole numbers.
 */
export function subsampleSelection<S extends Selection>(selection: S, count: number, draws: Draws): S
export function subsampleSelection(selection: Selection, count: number, draws: Draws): Selection {
  const starts = (of: Draws, rows: number): tf.Tensor2D => tf.minimum(tf.div(tf.cast(tf.reshape(drawIntegers(rows + 1, of), [-1, 1]), 'float32'), drawnRange), 0.999)
  const thinned = <T extends tf.Tensor>(weights: T, of = draws): T => {
    const rows = weights.shape[0]!
    const flat = tf.reshape<tf.Rank.R2>(weights, [rows, -1])
    return tf.reshape(everySo(flat, sharesOf(tf.sum(flat, 1), count, starts(of, rows))), weights.shape) as T
  }
  switch (selection.kind) {
    case 'pairs': {
      const apart = { ...draws, purpose: `${draws.purpose}, negatives` }
      const rule = ruleOf(selection)
      if (rule) {
        const totals = mapPairRule(rule, ({ positive, negative }) => ({ positive: tf.sum(positive, 1), negative: tf.sum(negative, 1) })) as Record<'positive' | 'negative', tf.Tensor1D>
        const sharesIn = (of: tf.Tensor1D, from: Draws) => sharesOf(of, count, starts(from, of.shape[0]))
        return mapPairs(selection, [sharesIn(totals.positive, draws), sharesIn(totals.negative, apart)], ({ positive, negative }, shares) => {
          const [ofPositives, ofNegatives] = shares as [tf.Tensor2D, tf.Tensor2D]
          return { positive: everySo(positive, ofPositives), negative: everySo(negative, ofNegatives) }
        })
      }
      return { kind: 'pairs', positive: thinned(selection.positive), negative: thinned(selection.negative, apart) }
    }
    case 'triplets':
    case 'pickedTriplets':
      return { ...selection, weights: thinned<tf.Tensor>(selection.weights) } as Selection
    case 'tripletRule': {
      const shares = sharesOf(mapRule(selection, (weights) => tf.sum<tf.Tensor1D>(weights, [1, 2])), count, starts(draws, selection.positiveIndex.shape[0]))
      return {
        ...selection,
        constants: [...selection.constants, shares],
        weights: ({ constants, whole }) => {
          const weights = selection.weights({ constants: constants.slice(0, -1), whole })
          const flat = tf.reshape<tf.Rank.R2>(weights, [weights.shape[0], -1])
          return tf.reshape(everySo(flat, constants.at(-1) as tf.Tensor2D), weights.shape)
        },
      } satisfies TripletRule
    }
  }
}

/** How many tuples an anchor has, how many of them are left, where it begins: float32 [n, 3]. */
function sharesOf(totals: tf.Tensor1D, count: number, starts: tf.Tensor2D): tf.Tensor2D {
  const rows = totals.shape[0]
  const of = tf.reshape<tf.Rank.R2>(totals, [rows, 1])
  const all = tf.sum(of)
  const rate = tf.minimum(tf.divNoNan(count, all), 1)
  const start = tf.slice(starts, [rows, 0], [1, 1])
  // Before the first anchor, and up to each: shares are differences of these same whole numbers, so that they add up to the last one.
  const upTo = tf.concat([tf.zeros<tf.Rank.R2>([1, 1]), tf.cumsum(of, 0)], 0)
  const whole = tf.minimum<tf.Tensor2D>(tf.floor(tf.add(tf.mul(upTo, rate), start)), count)
  const share = tf.sub(tf.slice(whole, [1, 0], [rows, 1]), tf.slice(whole, [0, 0], [rows, 1]))
  const left = tf.where(tf.lessEqual(all, count), of, tf.minimum(share, of))
  return tf.concat([of, left, tf.slice(starts, [0, 0], [rows, 1])] as tf.Tensor2D[], 1)
}

/** Of rows of weights every so many, so that as many are left as {@link sharesOf} says: float32 [rows, columns]. */
function everySo(weights: tf.Tensor2D, shares: tf.Tensor2D): tf.Tensor2D {
  const [of, left, start] = tf.split(shares, 3, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]
  const rate = tf.divNoNan(left, of)
  const upTo = tf.cumsum(weights, 1)
  const whole = (x: tf.Tensor) => tf.minimum(tf.floor(tf.add(tf.mul(x, rate), start)), left)
  return tf.where(tf.greaterEqual(left, of), weights, tf.sub(whole(upTo), whole(tf.sub(upTo, weights)))) as tf.Tensor2D
}
