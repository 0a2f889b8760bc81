import * as tf from '@tensorflow/tfjs-core'
import { isStateful, type BatchSampler, type State, type Stateful } from '@metric-learning/contracts'
import { describe, expect, it, vi } from 'vitest'
import { FixedSetOfTriplets, type FixedSetOfTripletsOptions } from './fixed-set-of-triplets.js'
import { HierarchicalSampler, type HierarchicalSamplerOptions } from './hierarchical-sampler.js'
import { farPositives, points, scaled } from './looking-model.fixture.js'
import { MPerClassSampler, type MPerClassSamplerOptions } from './m-per-class-sampler.js'
import { TuplesToWeightsSampler, type TuplesToWeightsSamplerOptions } from './tuples-to-weights-sampler.js'

const labels = Array.from({ length: 30 }, (_, row) => row % 5)
/** As many of each class, in another order. */
const others = labels.map((label) => 4 - label)
const rows = Array.from({ length: 48 }, (_, row) => [row % 12, (row % 12) >> 2])
const otherRows = rows.map(([label, group]) => [11 - label!, group!])

const mPerClass = (options: Partial<MPerClassSamplerOptions> = {}) => new MPerClassSampler({ labels, m: 2, batchSize: 4, ...options })
const hierarchical = (options: Partial<HierarchicalSamplerOptions> = {}) => new HierarchicalSampler({ labels: rows, batchSize: 8, samplesPerClass: 2, ...options })
const triplets = (options: Partial<FixedSetOfTripletsOptions> = {}) => new FixedSetOfTriplets({ labels, numTriplets: 40, batchSize: 9, ...options })
const weighing = (options: Partial<TuplesToWeightsSamplerOptions> = {}) =>
  new TuplesToWeightsSampler({ dataset: points(), trunk: scaled(), miner: farPositives, batchSize: 4, compile: false, ...options })
const otherPoints = () => ({ ...points(), labels: Int32Array.from(points().labels, (_, row) => row % 2) })

const cases: [string, () => BatchSampler, () => BatchSampler, string][] = [
  ['other labels, MPerClassSampler', mPerClass, () => mPerClass({ labels: others }), 'wanted labels of 30 samples, got other labels of 30 samples'],
  ['fewer labels', mPerClass, () => mPerClass({ labels: labels.slice(0, 20) }), 'wanted batchesPerEpoch 5, labels of 20 samples, got batchesPerEpoch 7, other labels of 30 samples'],
  ['another m', mPerClass, () => mPerClass({ m: 1, allowUnpaired: true }), 'wanted m 1, got m 2'],
  ['another coverage', mPerClass, () => mPerClass({ coverage: 'all' }), 'wanted batchesPerEpoch 8, coverage "all", got batchesPerEpoch 7, coverage "random"'],
  ['other labels, HierarchicalSampler', hierarchical, () => hierarchical({ labels: otherRows }), 'wanted classes of 48 samples, got other classes of 48 samples'],
  ['other super classes', hierarchical, () => hierarchical({ labels: rows.map(([label]) => [label!, label! % 3]) }), 'wanted superClasses of 48 samples, got other superClasses of 48 samples'],
  ['other labels, FixedSetOfTriplets', triplets, () => triplets({ labels: others }), 'wanted labels of 30 samples, got other labels of 30 samples'],
  ['another seed', triplets, () => triplets({ seed: 1 }), 'wanted seed 1, got seed 0'],
  ['other labels, TuplesToWeightsSampler', weighing, () => weighing({ dataset: otherPoints() }), 'wanted labels of 12 samples, got other labels of 12 samples'],
  ['another subset', weighing, () => weighing({ subsetSize: 8 }), 'wanted subsetSize 8, got subsetSize 12'],
]

/** As it comes out of a checkpoint. */
const saved = ({ values, tensors = new Map() }: State): State => ({ values: JSON.parse(JSON.stringify(values)) as NonNullable<State['values']>, tensors: new Map([...tensors].map(([name, tensor]) => [name, tf.clone(tensor)])) })

describe('The state of a sampler', () => {
  it.each(cases)('is refused by one with %s', (_, first, second, message) => {
    const [one, same, other] = [first(), first(), second()] as (BatchSampler & Stateful)[]
    expect(isStateful(one)).toBe(true)
    const state = saved(one!.state())
    same!.restore(state)
    expect(() => { other!.restore(state) }).toThrow(`${other!.name}: ${message}. Make it with the labels and options that it had`)
  })

  it.each([mPerClass, hierarchical, triplets, weighing])('is a state of such a sampler', (make) => {
    const sampler = make()
    for (const state of [undefined, null, 5, { values: null }, { tensors: [] }]) expect(() => { sampler.restore(state as never) }).toThrow(/Sampler|FixedSetOfTriplets: wanted a state, with `values`/)
    expect(() => { sampler.restore({ values: { other: 1 } }) }).toThrow(/^(MPerClassSampler|HierarchicalSampler|FixedSetOfTriplets|TuplesToWeightsSampler): wanted/)
  })

  it('of before it was kept is taken', () => {
    const { values, tensors } = weighing().state()
    const before = Object.entries(values!).filter(([name]) => name !== 'madeOf')
    weighing().restore({ values: Object.fromEntries(before), tensors: tensors! })
  })
})

describe.each([mPerClass, hierarchical, triplets, weighing])('A sampler', (make) => {
  it('is asked for a position', () => {
    const sampler = make()
    const at = { seed: 0, epoch: 1, batch: 0 }
    for (const wrong of [undefined, null, 3, {}, { ...at, seed: '0' }, { ...at, epoch: 0 }, { ...at, epoch: NaN }, { ...at, batch: -1 }, { ...at, batch: 1e6 }]) {
      expect(() => sampler.batch(wrong as never)).toThrow(new RegExp(`^${sampler.name}: wanted (the position of a batch|.(seed|epoch|batch). to be an integer)`))
    }
  })
})

it('TuplesToWeightsSampler says that it was disposed, and prepares for a position', async () => {
  const sampler = weighing()
  await expect(sampler.prepare(undefined as never)).rejects.toThrow('TuplesToWeightsSampler: wanted the position of a batch, got undefined')
  sampler.dispose()
  await expect(sampler.prepare({ seed: 0, epoch: 1, batch: 0 })).rejects.toThrow('TuplesToWeightsSampler: wanted a call before dispose(), got one after it')
  expect(() => sampler.state()).toThrow('TuplesToWeightsSampler: wanted a call before dispose()')
})

it('TuplesToWeightsSampler warns once where nothing is mined, by weights or by row numbers', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const sampler = weighing({ miner: { name: 'picky', mine: () => ({ anchor: [], positive: [], negative: [] }) as never } })
  for (const epoch of [1, 2]) await sampler.prepare({ seed: 0, epoch, batch: 0 })
  expect(sampler.weights).toEqual(new Float32Array(12).fill(1))
  expect(warn.mock.calls.map(([text]) => text)).toEqual([expect.stringContaining('TuplesToWeightsSampler: picky selected nothing before epoch 1, whose samples are drawn all alike')])
  warn.mockRestore()
})
