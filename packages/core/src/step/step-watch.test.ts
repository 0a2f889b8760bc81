import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { Dataset, Loss, PairSelection } from '@metric-learning/contracts'
import { asRelations, selectAllPairs } from '@metric-learning/ops'
import { SGD } from '../optimizers/sgd.js'
import type { Plugin } from '../plugin.js'
import { logKeeper, toyOptions, valuesOf } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'

/** max(0, ‖x - y‖² - 70) over the selected positive pairs: a term over pairs, of which those below 70 are not active. */
const pull: Loss = {
  name: 'pull',
  parameters: new Map(),
  compute(embeddings, labels, { selection, observer } = {}) {
    const { positive } = (selection ?? selectAllPairs(asRelations(labels))) as PairSelection
    const values = tf.relu(tf.sub(tf.sum(tf.square(tf.sub(tf.expandDims(embeddings, 1), tf.expandDims(embeddings, 0))), 2), 70))
    observer?.terms?.({ pull: { over: 'pair', values, weights: positive } })
    return tf.mean(tf.mul(values, positive))
  },
}

const rows = (step: number) => Int32Array.from({ length: 8 }, (_, i) => (8 * (step - 1) + i) % 32)

async function run(extra: object = {}, others: readonly Plugin[] = []) {
  const { plugin: logger, entries } = logKeeper()
  const options = toyOptions()
  const trainer = new Trainer({
    ...options,
    sampler: { name: 'in order', batchSize: 8, batchesPerEpoch: 4, batch: ({ batch }) => rows(batch + 1) },
    objectives: [{ loss: pull }],
    optimizers: { trunk: new SGD({ learningRate: 0.01 }), embedder: new SGD({ learningRate: 0.01 }) },
    logEverySteps: 1,
    plugins: [logger, ...others],
    ...extra,
  })
  const before = trainer.parameters
  const start = new Map([...before].map(([name, variable]) => [name, variable.arraySync() as number[][]]))
  const ended: Map<string, number[][]>[] = []
  for await (const _ of trainer.steps({ epochs: 1 })) ended.push(new Map([...before].map(([name, variable]) => [name, variable.arraySync() as number[][]])))
  const values = valuesOf(trainer)
  trainer.dispose()
  const scalar = (tag: string, step = 1) => entries.flatMap((entry) => (entry.tag === tag && entry.step === step && entry.kind === 'scalar' ? [entry.value] : []))[0]
  return { entries, scalar, start, ended, values, dataset: options.dataset }
}

type Matrix = readonly (readonly number[])[]
const product = (a: Matrix, b: Matrix): number[][] => a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)))
const norm = (row: readonly number[]): number => Math.hypot(...row)
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** What is to be logged of the first step, worked out on the host. */
async function expected(dataset: Dataset, start: ReadonlyMap<string, Matrix>) {
  const { values } = await dataset.load(rows(1))
  const samples = Array.from({ length: 8 }, (_, i) => [...values.slice(6 * i, 6 * i + 6)])
  const embeddings = product(product(samples, start.get('trunk.weight')!), start.get('embedder.weight')!)
  const unit = embeddings.map((row) => row.map((value) => value / norm(row)))
  const centre = unit[0]!.map((_, j) => mean(unit.map((row) => row[j]!)))
  const pairs = unit.flatMap((one, i) => unit.map((other, j) => ({ i, j, distance: norm(one.map((value, k) => value - other[k]!)) }))).filter(({ i, j }) => i !== j)
  const isPositive = ({ i, j }: { i: number; j: number }) => i % 4 === j % 4
  const positive = pairs.filter(isPositive)
  const squares = positive.map(({ i, j }) => norm(embeddings[i]!.map((value, k) => value - embeddings[j]![k]!)) ** 2)
  return {
    norms: embeddings.map(norm),
    spread: Math.sqrt(mean(unit.map((row) => norm(row.map((value, k) => value - centre[k]!)) ** 2))),
    positive: positive.map(({ distance }) => distance),
    negative: pairs.filter((pair) => !isPositive(pair)).map(({ distance }) => distance),
    active: squares.filter((square) => square > 70).length / squares.length,
  }
}

const exchanging: Plugin = {
  name: 'exchanging',
  apply({ hooks }) {
    hooks.exchange.tap({ name: 'exchanging' }, () => undefined)
  },
}

describe('What a step is watched for', () => {
  const ways: [way: string, extra: object, others: Plugin[]][] = [
    ['compiled, where that can be', {}, []],
    ['eagerly', { compile: false }, []],
    ['in two phases', {}, [exchanging]],
    ['in chunks', { chunkSize: 3 }, []],
  ]
  it.each(ways)('is what it says: %s', async (_, extra, others) => {
    const { scalar, entries, start, ended, dataset } = await run(extra, others)
    const wanted = await expected(dataset, start)
    expect(wanted.active).toBeGreaterThan(0)
    expect(wanted.active).toBeLessThan(1)
    expect(scalar('train/norm/embeddings')).toBeCloseTo(mean(wanted.norms), 4)
    expect(scalar('train/spread/embeddings')).toBeCloseTo(wanted.spread, 5)
    expect(scalar('train/positiveDistance/embeddings')).toBeCloseTo(mean(wanted.positive), 5)
    expect(scalar('train/negativeDistance/embeddings')).toBeCloseTo(mean(wanted.negative), 5)
    expect(scalar('train/active/pull')).toBeCloseTo(wanted.active, 6)
    for (const name of ['trunk', 'embedder']) {
      const steps = start.get(`${name}.weight`)!.flatMap((row, i) => row.map((value, j) => (value - ended[0]!.get(`${name}.weight`)![i]![j]!) / 0.01))
      expect(scalar(`gradientNorm/${name}`)).toBeCloseTo(norm(steps), 2)
    }
    const histograms = entries.flatMap((entry) => (entry.kind === 'histogram' ? [[entry.tag, entry.step, entry.values.length]] : []))
    expect(histograms).toEqual([
      ['train/norms/embeddings', 4, 8],
      ['train/positiveDistances/embeddings', 4, 8],
      ['train/negativeDistances/embeddings', 4, 48],
      ['gradients/trunk', 4, 30],
      ['gradients/embedder', 4, 15],
    ])
  })

  it('is the same in every step, compiled or eager', async () => {
    const tags = /^(train|gradientNorm)\/(?!samplesPerSecond|dataWait)/
    const of = async (extra: object) => (await run(extra)).entries.flatMap((entry) => (entry.kind === 'scalar' && tags.test(entry.tag) ? [entry] : []))
    const [compiled, eager] = [await of({}), await of({ compile: false })]
    expect(compiled.map(({ tag, step }) => [tag, step])).toEqual(eager.map(({ tag, step }) => [tag, step]))
    compiled.forEach(({ value }, i) => expect(value).toBeCloseTo(eager[i]!.value, 3))
    expect(new Set(compiled.filter(({ tag }) => tag === 'train/norm/embeddings').map(({ value }) => value)).size).toBe(4)
  })

  it.each([true, false])('changes nothing of the training, bit for bit: compile %s', async (compile) => {
    const { values } = await run({ compile })
    expect((await run({ compile, logEverySteps: 3 })).values).toEqual(values)
    expect((await run({ compile, plugins: [] })).values).toEqual(values)
  })

  it('is nothing of what is left out', async () => {
    const { entries } = await run({ unlogged: ['distances', 'gradients'] })
    const tags = new Set(entries.map(({ tag }) => tag))
    expect([...tags].filter((tag) => /distance|gradient/i.test(tag))).toEqual([])
    expect([...tags]).toEqual(expect.arrayContaining(['train/norm/embeddings', 'train/active/pull']))
    await expect(run({ unlogged: ['everything'] })).rejects.toThrow('`unlogged`')
    await expect(run({ unlogged: 'gradients' })).rejects.toThrow('wanted `unlogged` to be a list')
  })

  it('has no value where there are no pairs, and says why', async () => {
    const sampler = { name: 'strangers', batchSize: 4, batchesPerEpoch: 1, batch: () => Int32Array.of(0, 1, 2, 3) }
    const { entries } = await run({ sampler })
    const missing = entries.flatMap((entry) => (entry.kind === 'missing' ? [[entry.tag, entry.reason]] : []))
    expect(missing).toEqual([
      ['train/positiveDistance/embeddings', 'The batch has no pair of one class.'],
      ['train/active/pull', 'The loss looked at no pair or triplet.'],
    ])
  })

  it('leaves no tensor behind', async () => {
    const counts: number[] = []
    const counting: Plugin = {
      name: 'counting',
      apply({ hooks }) {
        hooks.batchStart.tap({ name: 'counting' }, () => {
          counts.push(tf.memory().numTensors)
          return undefined
        })
      },
    }
    for (const extra of [{}, { compile: false }, { chunkSize: 3 }]) {
      counts.length = 0
      await run(extra, [counting])
      expect(counts.slice(2)).toEqual(counts.slice(2).map(() => counts[2]))
    }
  })
})
