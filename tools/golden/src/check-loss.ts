import * as tf from '@tensorflow/tfjs-core'
import type { ComputeOptions, Loss, LossTerms, References, SelectionIndices } from '@metric-learning/contracts'
import { camelCase, construct, type Registry } from './construct.js'
import { expectClose, expectEqual } from './expect-close.js'
import { fixedLossCase, oracleInputs, type FixedCase, type UnreducedLoss } from './fixed-losses.js'
import { goldenNumber, isGoldenObject, type GoldenCase, type GoldenTensor } from './golden-case.js'
import { toIndices } from './golden-selection.js'
import { toMatrix, toTensor } from './golden-tensor.js'

/** A loss as far as it is checked. */
export interface CheckedLoss extends Loss {
  terms(embeddings: tf.Tensor2D, labels: number[] | undefined, options: ComputeOptions): LossTerms
  getLogits?(embeddings: tf.Tensor2D): tf.Tensor2D
}

type Expected = Readonly<Record<string, unknown>>

/** Whether a case wants the terms of a loss before they are reduced. */
const isUnreduced = ({ args: { reducer } }: GoldenCase): boolean => isGoldenObject(reducer) && reducer.class === 'DoNothingReducer'

/** What a case passes to the constructor of its loss. */
export function lossArguments(of: GoldenCase): Readonly<Record<string, unknown>> {
  return isUnreduced(of) ? Object.fromEntries(Object.entries(of.args).filter(([name]) => name !== 'reducer')) : of.args
}

/**
 * Checks the values, gradients, state and logits of a loss against a golden case, or against what is right where
 * PyTorch Metric Learning is wrong.
 *
 * @throws {Error} which names what is off most; {MetricLearningError} when the loss refuses the case.
 */
export function checkLoss(of: GoldenCase, registry: Registry): void {
  const loss = construct<CheckedLoss>(of.class!, lossArguments(of), registry)
  for (const [name, value] of Object.entries((of.inputs.weights ?? {}) as Record<string, unknown>)) {
    loss.parameters.get(name)!.assign(toTensor(value))
  }
  const fixed = fixedLossCase(of)
  if (fixed) return checkFixed(new Call(of, loss, of.inputs), fixed)
  const steps = (of.inputs.steps ?? [of.inputs]) as Expected[]
  const expected = (of.expected.steps ?? [of.expected]) as Expected[]
  steps.forEach((inputs, i) => checkCall(new Call(of, loss, inputs), expected[i]!))
}

/** One call of a loss, repeatable: what calls change is put back. */
class Call {
  readonly embeddings: tf.Tensor2D
  readonly refEmbeddings: tf.Tensor2D | undefined
  readonly #before: (readonly [tf.Variable, tf.Tensor])[]

  constructor(
    readonly of: GoldenCase,
    readonly loss: CheckedLoss,
    readonly inputs: Expected,
  ) {
    this.embeddings = toMatrix(inputs.embeddings)
    this.refEmbeddings = inputs.ref_emb ? toMatrix(inputs.ref_emb) : undefined
    this.#before = [...(loss.buffers ?? new Map<string, tf.Variable>()).values()].map((buffer) => [buffer, tf.clone(buffer)])
  }

  value(embeddings = this.embeddings, refEmbeddings = this.refEmbeddings): tf.Scalar {
    if (!isUnreduced(this.of)) return this.#run(() => this.loss.compute(embeddings, this.#labels as number[], this.#options(refEmbeddings)))
    const terms = Object.values(this.terms(embeddings, refEmbeddings))
    return tf.addN(terms.map(({ values, weights }) => tf.sum<tf.Scalar>(weights ? tf.mul(values, weights) : values)))
  }

  terms(embeddings = this.embeddings, refEmbeddings = this.refEmbeddings): LossTerms {
    return this.#run(() => this.loss.terms(embeddings, this.#labels, this.#options(refEmbeddings)))
  }

  #run<T>(call: () => T): T {
    this.#before.forEach(([buffer, value]) => buffer.assign(value))
    return call()
  }

  /** ManifoldLoss takes the meta classes, which PyTorch Metric Learning passes as a tuple, for labels. */
  get #labels(): number[] | undefined {
    return (this.inputs.labels ?? (this.#isTuple ? undefined : this.inputs.indices_tuple)) as number[] | undefined
  }

  /** Meta classes for which the place is taken by labels. */
  get #besideLabels(): SelectionIndices | undefined {
    const meta = this.inputs.labels ? (this.inputs.indices_tuple as number[] | undefined) : undefined
    return meta && { anchor: meta, positive: meta, negative: meta }
  }

  get #isTuple(): boolean {
    return Array.isArray((this.inputs.indices_tuple as unknown[] | undefined)?.[0])
  }

  #options(refEmbeddings: tf.Tensor2D | undefined): ComputeOptions {
    const selection = this.#isTuple ? toIndices(this.inputs.indices_tuple) : this.#besideLabels
    const refLabels = this.inputs.ref_labels as number[] | undefined
    const references: References | undefined = refEmbeddings && { refEmbeddings, ...(refLabels && { refLabels }) }
    const enqueueMask = this.inputs.enqueue_mask as boolean[] | undefined
    return { ...(selection && { selection }), ...(references && { references }), ...(enqueueMask && { enqueueMask }) }
  }
}

function checkCall(call: Call, expected: Expected): void {
  const { of, loss, embeddings } = call
  if (isUnreduced(of)) checkTerms(call, expected.losses as Record<string, UnreducedTerm>)
  else expectClose('value', call.value(), expected.value, of, 'value')
  if (expected.state) checkState(loss, expected.state as Expected, of)
  if (expected.grads) checkGradients(call, expected.grads as Gradients)
  if (expected.logits) expectClose('logits', loss.getLogits!(embeddings), expected.logits, of, 'value')
}

/** A histogram, or what a memory remembers. */
function checkState({ buffers }: CheckedLoss, expected: Expected, of: GoldenCase): void {
  const read = (name: string) => buffers!.get(name)!.dataSync()
  if (expected.hist_) return expectClose('histogram', read('histogram'), expected.hist_, of, 'value')
  expectEqual('label memory', Array.from(read('labelMemory')), expected.label_memory, of)
  expectEqual('queue index', read('queueIndex')[0], expected.queue_idx, of)
  expectEqual('whether it is full', read('queueCount')[0] === read('labelMemory').length, expected.has_been_filled, of)
}

type Gradients = Readonly<Record<string, unknown>> & { readonly weights?: Readonly<Record<string, unknown>> }

function checkGradients(call: Call, expected: Gradients): void {
  const { loss, refEmbeddings } = call
  const wanted: [string, tf.Tensor, unknown][] = [
    ['embeddings', call.embeddings, expected.embeddings],
    ...(refEmbeddings ? [['ref_emb', refEmbeddings, expected.ref_emb] as [string, tf.Tensor, unknown]] : []),
    ...[...loss.parameters].map(([name, weights]): [string, tf.Tensor, unknown] => [name, weights, expected.weights?.[name]]),
  ]
  const f = (x: tf.Tensor, y?: tf.Tensor) => call.value(x as tf.Tensor2D, refEmbeddings && (y as tf.Tensor2D))
  tf.grads(f)(wanted.map(([, tensor]) => tensor)).forEach((gradient, i) => {
    const [name, , of] = wanted[i]!
    if (of) expectClose(`gradient of ${name}`, gradient, of, call.of, 'grad')
  })
}

interface UnreducedTerm {
  readonly losses: GoldenTensor | number
}

/** Dense terms against lists, both in row-major order; the number 0 stands for no loss at all. */
function checkTerms(call: Call, expected: Readonly<Record<string, UnreducedTerm>>): void {
  const terms = call.terms()
  const entries = Object.entries(expected)
  for (const [name, { losses }] of entries) {
    const term = terms[camelCase(name)] ?? (entries.length === 1 ? terms.loss : undefined)
    if (!term) throw new Error(`${call.of.id}: no term ${camelCase(name)}`)
    if (typeof losses === 'number') continue
    const values = Array.from(term.values.dataSync())
    const counts = term.weights?.dataSync()
    const listed = counts ? values.flatMap((value, i) => new Array<number>(Math.round(counts[i]!)).fill(value)) : values
    const wanted = losses.data.map(goldenNumber)
    expectClose(name, tf.tensor1d(listed), wanted, call.of, 'value')
  }
}

/** The value against a formula in double precision, and the gradient against its differences. */
function checkFixed(call: Call, { value, isFormula }: FixedCase): void {
  const { of } = call
  const inputs = oracleInputs(of)
  const unreduced = (): UnreducedLoss => {
    const { values, weights } = Object.values(call.terms())[0]!
    return { values: rowsOf(values), weights: rowsOf(weights!) }
  }
  const loosely: GoldenCase = { ...of, tol: { rtol: 1e-5, value_atol: 1e-5, grad_atol: 2e-4 } }
  expectClose('value', call.value(), value(inputs, unreduced), loosely, 'value')
  const right = (x: readonly number[][]) => value({ x, y: inputs.y === inputs.x ? x : inputs.y }, unreduced)
  if (!isFormula) return
  const gradient = tf.grad((x: tf.Tensor) => call.value(x as tf.Tensor2D))(call.embeddings)
  expectClose('gradient of embeddings', gradient, differences(right, inputs.x), loosely, 'grad')
}

const rowsOf = (tensor: tf.Tensor): number[][] => tf.reshape<tf.Rank.R2>(tensor, [tensor.shape[0]!, -1]).arraySync()

function differences(f: (x: readonly number[][]) => number, x: readonly number[][]): number[][] {
  const step = 1e-5
  const moved = (row: number, column: number, by: number) =>
    f(x.map((values, i) => (i === row ? values.map((value, j) => (j === column ? value + by : value)) : values)))
  return x.map((values, i) => values.map((_, j) => (moved(i, j, step) - moved(i, j, -step)) / (2 * step)))
}
