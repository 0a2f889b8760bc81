import * as tf from '@tensorflow/tfjs-core'
import type { Miner, PairSelection, State, Stateful } from '@metric-learning/contracts'
import { selectAllPairs } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import {
  AngularMiner,
  BatchEasyHardMiner,
  BatchHardMiner,
  CappedMiner,
  DistanceWeightedMiner,
  EmbeddingsAlreadyPackagedAsTriplets,
  HDCMiner,
  IntersectionMiner,
  MultiSimilarityMiner,
  PairMarginMiner,
  TripletMarginMiner,
  UniformHistogramMiner,
  UnionMiner,
} from './index.js'

const embeddings = tf.randomNormal<tf.Rank.R2>([6, 4], 0, 1, 'float32', 1)
const labels = [0, 0, 1, 1, 2, 2]
const capped = (miner: Miner) => new CappedMiner({ miner, maxTuples: 3 })
const drawing = { DistanceWeightedMiner: () => new DistanceWeightedMiner(), UniformHistogramMiner: () => new UniformHistogramMiner(), CappedMiner: () => capped(new BatchHardMiner()) }
const composed = {
  UnionMiner: () => new UnionMiner({ miners: [new BatchHardMiner(), new DistanceWeightedMiner()] }),
  IntersectionMiner: () => new IntersectionMiner({ miners: [new BatchHardMiner(), new DistanceWeightedMiner()] }),
}
const others = [AngularMiner, BatchEasyHardMiner, BatchHardMiner, EmbeddingsAlreadyPackagedAsTriplets, HDCMiner, MultiSimilarityMiner, PairMarginMiner, TripletMarginMiner]
const all: [string, () => Miner][] = [...Object.entries({ ...drawing, ...composed }), ...others.map((of): [string, () => Miner] => [of.name, () => new of()])]

describe.each(all)('%s', (name, make) => {
  it('takes the position of a draw, three numbers, and no other', () => {
    for (const position of [tf.tensor1d([1, 2], 'int32'), tf.tensor1d([1, 2, 3]), [1, 2, 3]]) {
      expect(() => make().mine(embeddings, labels, { position: position as tf.Tensor1D })).toThrow(new RegExp(`^${name}: wanted \`position\``))
    }
  })

  it('takes embeddings of one column at least', () => {
    expect(() => make().mine(tf.zeros([6, 0]), labels)).toThrow(`${name}: wanted \`embeddings\` of at least one column, got [6, 0]`)
  })
})

describe.each(others.map((of) => [of.name, of] as const))('%s', (name, of) => {
  it('takes no list for options', () => {
    expect(() => new (of as new (options: object) => Miner)([])).toThrow(`${name}: wanted an object of options, got`)
  })
})

describe.each(Object.entries({ ...drawing, ...composed }))('The state of %s', (name, make) => {
  it('is none that is no state', () => {
    for (const state of [undefined, null, 5, { tensors: {} }]) expect(() => { make().restore(state as never) }).toThrow(`${name}: wanted a state, with \`values\` and a Map of \`tensors\``)
  })
})

describe.each(Object.entries(drawing))('%s', (name, make) => {
  it('says that it was disposed', () => {
    const miner = make()
    const state = make().state()
    miner.dispose()
    for (const use of [() => miner.mine(embeddings, labels), () => miner.state(), () => { miner.restore(state) }]) expect(use).toThrow(`${name}: wanted a call before dispose(), got one after it`)
  })
})

/** A miner that counts on the host and on the device, and refuses a count above 9. */
function counting(): Miner & Stateful & { calls: number } {
  const total = tf.variable(tf.scalar(0))
  return {
    name: 'counting',
    calls: 0,
    mine: (_, relations): PairSelection => selectAllPairs(relations as never),
    state(): State {
      return { values: { calls: this.calls }, tensors: new Map([['total', total as tf.Tensor]]) }
    },
    restore({ values, tensors }) {
      this.calls = values!['calls'] as number
      total.assign(tf.clone(tensors!.get('total') as tf.Scalar))
      if (this.calls > 9) throw new Error('too many')
    },
  }
}
const held = ({ calls, state }: ReturnType<typeof counting>) => [calls, state.call({ calls }).tensors!.get('total')!.dataSync()[0]]
const counted = (calls: number): State => ({ values: { calls }, tensors: new Map([['total', tf.scalar(calls)]]) })
const nested = (...parts: readonly State[]): State => ({
  values: Object.fromEntries(parts.map(({ values }, i) => [`miners.${i}`, values!])),
  tensors: new Map(parts.flatMap(({ tensors }, i) => [...tensors!].map(([name, tensor]) => [`miners.${i}.${name}`, tensor] as const))),
})

describe('A state that is refused', () => {
  it('by one of several miners leaves all of them as they were', () => {
    const [first, second] = [counting(), counting()]
    const union = new UnionMiner({ miners: [first, second] })
    union.restore(nested(counted(1), counted(2)))
    expect(() => { union.restore(nested(counted(3), counted(10))) }).toThrow('too many')
    expect(() => { union.restore({ ...nested(counted(3)), tensors: new Map() }) }).toThrow('UnionMiner: wanted a state of miners.1, got none')
    expect([held(first), held(second)]).toEqual([[1, 1], [2, 2]])
  })

  it('by CappedMiner or its miner leaves draws and miner as they were', () => {
    const miner = counting()
    const one = capped(miner)
    const drawsOf = () => [...one.state().tensors!.get('draws')!.dataSync()]
    const before = drawsOf()
    const draws = tf.tensor1d([5, 6, 7], 'int32')
    const of = (state: State, more: readonly [string, tf.Tensor][]): State => ({ ...state, tensors: new Map([...state.tensors!, ...more]) })
    expect(() => { one.restore(of(nested(counted(10)), [['draws', draws]])) }).toThrow('too many')
    expect(() => { one.restore(nested(counted(4))) }).toThrow('CappedMiner: wanted "draws" as int32 [3], where the draws of a miner stand, got none')
    expect(() => { one.restore(of(nested(counted(4)), [['draws', tf.tensor1d([1, 2, 3])]])) }).toThrow('got float32 [3]')
    expect([drawsOf(), ...held(miner)]).toEqual([before, 0, 0])
    one.restore(of(nested(counted(4)), [['draws', draws]]))
    expect([drawsOf(), ...held(miner)]).toEqual([[5, 6, 7], 4, 4])
  })
})

it('UnionMiner records NaN for a miner that has stopped recording, and what the others record', () => {
  const [first, second] = [new BatchHardMiner({ collectStats: true }), new TripletMarginMiner({ collectStats: true })]
  const union = new UnionMiner({ miners: [first, second] })
  const recorded = () => {
    let found: Record<string, number> = {}
    union.mine(embeddings, labels, { record: (statistics) => { found = Object.fromEntries(Object.entries(statistics).map(([name, value]) => [name, value.dataSync()[0]!])) } })
    return found
  }
  expect(Object.keys(recorded()).sort()).toEqual([...union.statistics!].sort())
  Object.assign(second, { collectStats: false })
  const found = recorded()
  expect(Object.keys(found).sort()).toEqual([...union.statistics!].sort())
  for (const [name, value] of Object.entries(found)) expect([name, Number.isNaN(value)]).toEqual([name, name.startsWith('miners.1/')])
})

it('Ranges and margins that can not be meant are refused, whatever they are', () => {
  expect(() => new BatchEasyHardMiner({ allowedPosRange: [0n, 1n] as never })).toThrow('to be two numbers, the smaller first, got [0n, 1n]')
  expect(() => new MultiSimilarityMiner({ epsilon: -2 })).toThrow('MultiSimilarityMiner: wanted `epsilon` above -2, got -2')
  expect(new MultiSimilarityMiner({ epsilon: 2 }).epsilon).toBe(2)
  for (const epsilon of [5, -3]) expect(() => new MultiSimilarityMiner({ epsilon })).toThrow(`MultiSimilarityMiner: wanted \`epsilon\` from -2 to 2, got ${epsilon}`)
})
