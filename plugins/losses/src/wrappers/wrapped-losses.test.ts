import * as tf from '@tensorflow/tfjs-core'
import { isStateful, StateError, type Loss, type Miner, type Plain, type State, type Stateful } from '@metric-learning/contracts'
import { selectAllPairs } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { ContrastiveLoss } from '../contrastive-loss.js'
import { CrossBatchMemory } from './cross-batch-memory/cross-batch-memory.js'
import { MultipleLosses } from './multiple-losses.js'
import { SelfSupervisedLoss } from './self-supervised-loss.js'

type Counting<T> = T & Stateful & { calls: number }

/** Counts its calls, on the host and on the device. */
function counting<T extends object>(of: T): Counting<T> {
  const total = tf.variable(tf.scalar(0))
  const counted = Object.assign(of, {
    calls: 0,
    state: (): State => ({ values: { calls: counted.calls }, tensors: new Map([['total', total]]) }),
    restore: ({ values, tensors }: State) => {
      counted.calls = values!['calls'] as number
      total.assign(tf.clone(tensors!.get('total') as tf.Scalar))
    },
  })
  return counted
}

const totalOf = ({ state }: Stateful) => state().tensors!.get('total')!.dataSync()[0]
const countingLoss = () => counting(new ContrastiveLoss())
const countingMiner = () => counting<Miner>({ name: 'all', mine: (_, labels) => selectAllPairs(labels as never) })

interface Wrapped {
  readonly wrapper: Loss
  readonly parts: readonly Counting<object>[]
}

const wrappers: Readonly<Record<string, () => Wrapped>> = {
  MultipleLosses: () => {
    const [loss, miner] = [countingLoss(), countingMiner()]
    return { wrapper: new MultipleLosses({ losses: { plain: new ContrastiveLoss(), counted: loss }, miners: { counted: miner } }), parts: [loss, miner] }
  },
  CrossBatchMemory: () => {
    const [loss, miner] = [countingLoss(), countingMiner()]
    return { wrapper: new CrossBatchMemory({ loss, miner, embeddingSize: 2, memorySize: 4 }), parts: [loss, miner] }
  },
  SelfSupervisedLoss: () => {
    const loss = countingLoss()
    return { wrapper: new SelfSupervisedLoss({ loss }), parts: [loss] }
  },
  'losses within losses': () => {
    const loss = countingLoss()
    return { wrapper: new MultipleLosses({ losses: [new MultipleLosses({ losses: { counted: loss } })] }), parts: [loss] }
  },
}

describe.each(Object.entries(wrappers))('The state of %s', (_, make) => {
  it('is that of what it is made of, and goes back there', () => {
    const first = make()
    first.parts.forEach((part, i) => part.restore({ values: { calls: 3 + i }, tensors: new Map([['total', tf.scalar(5 + i)]]) }))
    expect(isStateful(first.wrapper)).toBe(true)
    const { values, tensors } = (first.wrapper as Loss & Stateful).state()
    // As a run that is saved does it: beside parameters and buffers, values as JSON.
    const variables = [...first.wrapper.parameters, ...(first.wrapper.buffers ?? [])]
    const saved: State = {
      values: JSON.parse(JSON.stringify(values)) as Readonly<Record<string, Plain>>,
      tensors: new Map([...variables, ...tensors!].map(([name, tensor]) => [name, tf.clone(tensor as tf.Tensor)])),
    }
    const second = make()
    const wrapper = second.wrapper as Loss & Stateful
    wrapper.restore(saved)
    expect(second.parts.map((part) => [part.calls, totalOf(part)])).toEqual(first.parts.map((__, i) => [3 + i, 5 + i]))
    expect(() => {
      wrapper.restore({})
    }).toThrow(StateError)
  })
})

it('Losses that remember nothing have an empty state, and take one', () => {
  const wrapper = new MultipleLosses({ losses: [new ContrastiveLoss()] })
  expect(wrapper.state()).toEqual({ values: {}, tensors: new Map() })
  expect(() => {
    wrapper.restore({})
  }).not.toThrow()
})
