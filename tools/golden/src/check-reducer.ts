import * as tf from '@tensorflow/tfjs-core'
import type { LossTerm, LossTerms, Reducer, TermUnit } from '@metric-learning/contracts'
import { relationsOf } from '@metric-learning/ops'
import { camelCase, construct, type Registry } from './construct.js'
import { expectAll, expectClose, expectEqual } from './expect-close.js'
import { goldenNumber, isGoldenTensor, type GoldenCase } from './golden-case.js'
import { toTensor } from './golden-tensor.js'

const units: Readonly<Record<string, TermUnit>> = {
  element: 'element',
  pos_pair: 'pair',
  neg_pair: 'pair',
  triplet: 'triplet',
  already_reduced: 'reduced',
}

interface LossEntry {
  readonly losses: unknown
  readonly indices: number[] | number[][] | null
  readonly reduction_type: string
  readonly divisor?: unknown
}

const lossEntries = ({ inputs }: GoldenCase): [string, LossEntry][] => Object.entries((inputs.loss_dict ?? {}) as Record<string, LossEntry>)

/** Why a case cannot be put to a reducer of ours. */
export function skipReducer(of: GoldenCase): string | undefined {
  return of.expected.error && lossEntries(of).length > 1 ? 'a reducer takes one term at a time here' : undefined
}

/** Checks what a reducer makes of listed losses, spread out over dense terms, and its gradients. */
export function checkReducer(of: GoldenCase, registry: Registry): void {
  const reducer = construct<Reducer & { passThrough?(terms: LossTerms): LossTerms }>(of.class!, of.args, registry)
  const labels = relationsOf(of.inputs.labels as number[])
  const entries = lossEntries(of)
  const inputs = entries.map(([, { losses }]) => (isGoldenTensor(losses) ? toTensor(losses) : tf.scalar(goldenNumber(losses))))
  const terms = (x: tf.Tensor[]) =>
    Object.fromEntries(entries.map(([name, entry], i) => [camelCase(name), toTerm(entry, x[i]!, labels.queryCount)]))
  if (reducer.passThrough) {
    return expectEqual('passed', Object.keys(reducer.passThrough(terms(inputs))), (of.expected.passed_through as string[]).map(camelCase), of)
  }
  const reduce = (...x: tf.Tensor[]) =>
    tf.addN(Object.entries(terms(x)).map(([name, term]) => reducer.reduce(term, labels, name))) as tf.Scalar
  const value = reduce(...inputs)
  const grads = of.expected.grads as Record<string, unknown> | undefined
  const gradients = grads ? tf.grads(reduce)(inputs) : []
  expectAll([
    () => expectClose('value', value, of.expected.value, of, 'value'),
    ...gradients.flatMap((gradient, i) => {
      const [name] = entries[i]!
      return grads![name] ? [() => expectClose(`gradient of ${name}`, gradient, grads![name], of, 'grad')] : []
    }),
  ])
}

/** Where the losses of index tuples are in a dense term: a flat position for each, and the term's shape. */
function place({ indices, reduction_type }: LossEntry, n: number): { readonly at: number[]; readonly shape: number[] } {
  if (reduction_type === 'element') return { at: indices as number[], shape: [n] }
  const [anchors, ...others] = indices as number[][]
  const columns = Math.max(n, ...others.flat().map((other) => other + 1))
  if (reduction_type !== 'triplet') return { at: anchors!.map((a, i) => a * columns + others[0]![i]!), shape: [n, columns] }
  const [positives, negatives] = others
  return { at: anchors!.map((a, i) => (a * columns + positives![i]!) * columns + negatives![i]!), shape: [n, columns, columns] }
}

/** A term whose dense values are spread out from the listed losses, to be differentiated. */
function toTerm(entry: LossEntry, losses: tf.Tensor, n: number): LossTerm {
  const over = units[entry.reduction_type]!
  // tfjs refuses the gradient of a function that returns its argument itself.
  if (over === 'reduced') return { over, values: tf.mul(losses, 1) }
  const { at, shape } = place(entry, n)
  const source = new Int32Array(shape.reduce((product, extent) => product * extent, 1)).fill(at.length)
  at.forEach((cell, i) => (source[cell] = i))
  const dense = (x: tf.Tensor) => tf.reshape(tf.gather(tf.concat([x, tf.zeros([1])]), tf.tensor1d(source, 'int32')), shape)
  const divisor = entry.divisor === undefined ? {} : { divisor: tf.scalar(goldenNumber(entry.divisor)) }
  return { over, values: dense(losses), weights: dense(tf.ones([at.length])), ...divisor }
}
