import * as tf from '@tensorflow/tfjs-core'
import { Random, type Dataset, type Miner, type Module, type PairSelection } from '@metric-learning/contracts'
import { asRelations } from '@metric-learning/ops'

/** Points of three classes around centres of their own, the classes interleaved; a column `coarse` joins the first two. */
export function points(perClass = 4): Dataset {
  const random = new Random(4)
  const labels = Int32Array.from({ length: 3 * perClass }, (_, row) => row % 3)
  const values = Float32Array.from({ length: 2 * labels.length }, (_, i) => (labels[i >> 1]! === i % 2 ? 2 : 0) + random.normal())
  return {
    name: 'points',
    labels,
    classNames: ['a', 'b', 'c'],
    columns: { coarse: { labels: labels.map((label) => label >> 1) } },
    sampleShape: [2],
    load: (rows) => Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => [values[2 * row]!, values[2 * row + 1]!])), shape: [rows.length, 2] }),
  }
}

/** x → weight · x */
export function scaled(weight = 1): Module & { readonly weight: tf.Variable } {
  const variable = tf.variable(tf.scalar(weight))
  return { name: 'scaled', weight: variable, parameters: new Map([['weight', variable]]), buffers: new Map(), outputSize: 2, call: (x) => tf.mul(x, variable), dispose: () => variable.dispose() }
}

/** Takes positive pairs the more often, the farther they are apart, and no negative ones. */
export const farPositives: Miner<PairSelection> = {
  name: 'farPositives',
  mine(x, labels) {
    const positives = asRelations(labels).positives()
    const squares = tf.sum(tf.square(x), 1, true)
    const distances = tf.add(tf.sub(squares, tf.mul(tf.matMul(x, x, false, true), 2)), tf.transpose(squares))
    return { kind: 'pairs', positive: tf.mul(positives, distances), negative: tf.zerosLike(positives) }
  },
}
