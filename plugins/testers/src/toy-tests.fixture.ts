import * as tf from '@tensorflow/tfjs-core'
import { Random, type Dataset, type LabelColumn, type Loss, type Module } from '@metric-learning/contracts'
import { Trainer, type Plugin } from '@metric-learning/core'

/** Rows of numbers as a set of samples; several lists of rows are its views. */
export function rowsDataset(labels: readonly number[], views: readonly (readonly (readonly number[])[])[], columns?: Readonly<Record<string, LabelColumn>>): Dataset {
  const size = views[0]![0]!.length
  return {
    name: 'rows',
    labels: Int32Array.from(labels),
    classNames: Array.from({ length: Math.max(...labels) + 1 }, (_, label) => `class ${label}`),
    sampleShape: [size],
    views: views.length,
    ...(columns && { columns }),
    load: (rows, at) => Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => [...views[at?.view ?? 0]![row]!])), shape: [rows.length, size] }),
  }
}

/** Random rows around a centre for each of four classes, in two families; classes are `spread` apart. */
export function families(count: number, size: number, seed: number, spread = 2): Dataset {
  const random = new Random(seed)
  const centres = Array.from({ length: 4 }, () => Array.from({ length: size }, () => spread * random.normal()))
  const labels = Array.from({ length: count }, (_, row) => row % 4)
  const rows = labels.map((label) => centres[label]!.map((value, i) => (i + 1) * (value + random.normal()) + 5 * i))
  return rowsDataset(labels, [rows], { family: { labels: Int32Array.from(labels, (label) => Math.floor(label / 2)), classNames: ['one', 'other'] } })
}

/** x → x · factor, one number a run may learn. */
export function scaled(outputSize: number, factor = 1): Module & { readonly factor: tf.Variable } {
  const variable = tf.variable(tf.scalar(factor))
  return {
    name: 'scaled',
    factor: variable,
    parameters: new Map([['factor', variable]]),
    buffers: new Map(),
    outputSize,
    call: (inputs) => tf.mul(inputs, variable),
    dispose: () => {
      variable.dispose()
    },
  }
}

const loss: Loss = { name: 'none', parameters: new Map(), compute: (embeddings) => tf.mul(tf.sum(embeddings), 0) as tf.Scalar }

/** A trainer of five steps an epoch, which learns nothing. */
export function fiveSteps(dataset: Dataset, ...plugins: Plugin[]): Trainer {
  const sampler = { name: 'pair', batchSize: 2, batchesPerEpoch: 5, batch: () => Int32Array.of(0, 1) }
  return new Trainer({ trunk: scaled(dataset.sampleShape[0]!), dataset, sampler, objectives: [{ loss }], plugins })
}
