import * as tf from '@tensorflow/tfjs-core'
import type { Loss, Miner, PairIndices, SelectionIndices, TripletIndices } from '@metric-learning/contracts'
import { indicesFromSelection, joinPairs } from '@metric-learning/ops'
import { allPairs } from './all-pairs.js'
import { checkLoss } from './check-loss.js'
import { construct, type Registry } from './construct.js'
import { expectAll, expectClose } from './expect-close.js'
import type { GoldenCase, GoldenObject, GoldenTensor } from './golden-case.js'
import { goldenRows } from './golden-rows.js'
import { toIndices } from './golden-selection.js'
import { toMatrix } from './golden-tensor.js'

/** Why PyTorch Metric Learning is wrong about a case, which is then compared with the wrapped loss over plain lists. */
export function fixedWrapper({ class: name, args, inputs, expected }: GoldenCase): string | undefined {
  if (name !== 'CrossBatchMemory' || expected.error) return undefined
  const steps = (inputs.steps ?? [inputs]) as Step[]
  if (steps.some((step) => step.indices_tuple)) return 'PyTorch Metric Learning takes row numbers of the batch for slots of the memory'
  return wrongInMemories[(args.loss as GoldenObject).class]
}

const wrongInMemories: Readonly<Record<string, string>> = {
  LiftedStructureLoss: 'PyTorch Metric Learning compares row numbers of queries with row numbers of references',
  NCALoss: 'PyTorch Metric Learning takes each row for a neighbour of itself, in the slot where it is remembered',
}

/** Checks a wrapper of losses, call by call. */
export async function checkWrapper(of: GoldenCase, registry: Registry): Promise<void> {
  if (fixedWrapper(of)) await checkMemory(of, registry)
  else checkLoss(of, registry)
}

interface Step {
  readonly embeddings: GoldenTensor
  readonly labels: number[]
  readonly indices_tuple?: number[][]
}

interface Remembered {
  readonly row: number[]
  readonly label: number
}

/** CrossBatchMemory against its loss over lists of tuples, with a memory that is kept here. */
async function checkMemory(of: GoldenCase, registry: Registry): Promise<void> {
  const { loss: lossOf, miner: minerOf, memory_size = 1024 } = of.args as { loss: GoldenObject; miner?: GoldenObject; memory_size?: number }
  const wrapper = construct<Loss>(of.class!, of.args, registry)
  const loss = construct<Loss>(lossOf.class, lossOf.args, registry)
  const miner = minerOf && construct<Miner>(minerOf.class, minerOf.args, registry)
  const memory: Remembered[] = []
  let next = 0
  for (const { embeddings: tensor, labels, indices_tuple } of (of.inputs.steps ?? [of.inputs]) as Step[]) {
    const embeddings = toMatrix(tensor)
    const rows = goldenRows(tensor)
    const slots = labels.map((label, i) => {
      const slot = next
      memory[slot] = { row: rows[i]!, label }
      next = (next + 1) % memory_size
      return slot
    })
    const refLabels = memory.map(({ label }) => label)
    const references = { refEmbeddings: tf.tensor2d(memory.map(({ row }) => row)), refLabels }
    const mined = miner ? await indicesFromSelection(miner.mine(embeddings, labels, { references })) : allPairs(labels, refLabels)
    const given = toIndices(indices_tuple)
    const selection = joinLists(withoutSelf(mined, slots), given && shifted(given, slots))
    const wanted = lossOf.class === 'NCALoss' ? (x: tf.Tensor2D) => rowByRow(loss, x, labels, { memory, slots }) : (x: tf.Tensor2D) => loss.compute(x, labels, { selection, references })
    const expected = valueAndGradient(wanted, embeddings)
    const before = [...wrapper.buffers!.values()].map((buffer) => [buffer, tf.clone(buffer)] as const)
    const actual = valueAndGradient((x) => {
      before.forEach(([buffer, value]) => buffer.assign(value))
      return wrapper.compute(x, labels, given ? { selection: given } : {})
    }, embeddings)
    expectAll([
      () => expectClose('value', actual.value, expected.value, of, 'value'),
      () => expectClose('gradient of embeddings', actual.gradient, expected.gradient, of, 'grad'),
    ])
  }
}

/** The mean over the rows that have positives, each compared with all that is remembered but itself. */
function rowByRow(loss: Loss, embeddings: tf.Tensor2D, labels: readonly number[], { memory, slots }: { memory: readonly Remembered[]; slots: readonly number[] }): tf.Scalar {
  const values = labels.flatMap((label, i) => {
    const others = memory.filter((_, slot) => slot !== slots[i])
    const refLabels = others.map((one) => one.label)
    const references = { refEmbeddings: tf.tensor2d(others.map(({ row }) => row)), refLabels }
    return refLabels.includes(label) ? [loss.compute(tf.slice(embeddings, i, 1), [label], { references })] : []
  })
  return tf.mean(tf.stack(values)) as tf.Scalar
}

function valueAndGradient(f: (x: tf.Tensor2D) => tf.Scalar, at: tf.Tensor2D): { value: number; gradient: number[] } {
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => f(x as tf.Tensor2D))(at)
  return { value: value.dataSync()[0]!, gradient: Array.from(grad.dataSync()) }
}

function withoutSelf(indices: SelectionIndices, slots: readonly number[]): SelectionIndices {
  const anchors = Array.from('anchor' in indices ? indices.anchor : indices.anchor1)
  const kept = anchors.map((anchor, i) => indices.positive[i] !== slots[anchor])
  const only = (vector: ArrayLike<number>) => Array.from(vector).filter((_, i) => kept[i])
  if ('anchor' in indices) return { anchor: only(indices.anchor), positive: only(indices.positive), negative: only(indices.negative) }
  return { ...indices, anchor1: only(indices.anchor1), positive: only(indices.positive) }
}

function shifted(indices: SelectionIndices, slots: readonly number[]): SelectionIndices {
  const slotsOf = (rows: ArrayLike<number>) => Array.from(rows, (row) => slots[row]!)
  return { ...indices, positive: slotsOf(indices.positive), negative: slotsOf(indices.negative) }
}

/** One list after the other, the second in the form of the first. */
function joinLists(first: SelectionIndices, second: SelectionIndices | undefined): SelectionIndices {
  if (!second) return first
  const same = 'anchor' in first ? asTriplets(second) : asPairs(second)
  const both = Object.entries(first).map(([name, vector]: [string, ArrayLike<number>]) => [
    name,
    [...Array.from(vector), ...Array.from((same as unknown as Record<string, ArrayLike<number>>)[name]!)],
  ])
  return Object.fromEntries(both) as SelectionIndices
}

const asTriplets = (indices: SelectionIndices): TripletIndices => ('anchor' in indices ? indices : joinPairs(indices))
const asPairs = (indices: SelectionIndices): PairIndices =>
  'anchor1' in indices
    ? indices
    : { anchor1: indices.anchor, positive: indices.positive, anchor2: indices.anchor, negative: indices.negative }
