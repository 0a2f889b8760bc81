import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { Loss, Miner, PairSelection } from '@metric-learning/contracts'
import { asRelations, Scheduled, selectAllPairs } from '@metric-learning/ops'
import type { LogEntry } from '../hooks/log-entry.js'
import type { RunState } from '../hooks/running-trainer.js'
import { Adam } from '../optimizers/adam.js'
import type { Plugin } from '../plugin.js'
import { centreLoss, clusters, toyOptions } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'

/** What a run measures, and does not compute: other numbers in each, under the same tags in the same steps. */
const MEASURED = ['epoch/samplesPerSecond', 'epoch/seconds', 'memory/peakRss', 'memory/rss', 'memory/tensorBytes', 'memory/tensors', 'train/dataWait', 'train/samplesPerSecond']

const epochs = 3

/** max(0, margin - ‖x - y‖²) over selected negative pairs: some are active. */
const push = (): Loss => ({
  name: 'push',
  parameters: new Map(),
  compute(embeddings, labels, { selection } = {}) {
    const { negative } = (selection ?? selectAllPairs(asRelations(labels))) as PairSelection
    const squares = tf.sum(tf.square(tf.sub(tf.expandDims(embeddings, 1), tf.expandDims(embeddings, 0))), 2)
    return tf.mean(tf.mul(tf.relu(tf.sub(4, squares)), negative))
  },
})

/** All pairs in some steps, and none in others. */
const moody: Miner = {
  name: 'moody',
  statistics: ['numPairs'],
  mine(embeddings, labels, { record } = {}) {
    const { positive, negative } = selectAllPairs(asRelations(labels)) as PairSelection
    const isUp = tf.step(tf.sin(tf.mul(1000, tf.sum(embeddings))))
    record?.({ numPairs: tf.mul<tf.Scalar>(tf.sum(negative), isUp) })
    return { kind: 'pairs', positive: tf.mul(positive, isUp), negative: tf.mul(negative, isUp) }
  },
}

const heldOut = clusters(5)

const tester: Plugin = {
  name: 'tester',
  apply({ hooks }) {
    hooks.evaluate.tapPromise({ name: 'tester' }, async ({ trainer }) => {
      const weight = (await trainer.parameters.get('trunk.weight')!.data())[0]!
      const split = { name: 'val', dataset: heldOut, labels: heldOut.labels, dim: 1, embeddings: new Float32Array(heldOut.labels.length).fill(weight) }
      return { tester: 'tester', metrics: { val: { metric: weight, other: null } }, reasons: { val: { other: 'None.' } }, splits: [split], warnings: ['Small.'], seconds: 0 }
    })
  },
}

function run(options: object) {
  const entries: string[] = []
  const logger: Plugin = {
    name: 'logger',
    apply({ hooks }) {
      hooks.log.tap({ name: 'logger' }, (entry) => void entries.push(inWords(entry)))
    },
  }
  const weight = new Scheduled(1, 'weight')
  const falling: Plugin = {
    name: 'falling',
    apply({ hooks }) {
      hooks.batchEnd.tap({ name: 'falling' }, ({ step }) => {
        weight.value = 1 / step
      })
    },
  }
  const trainer = new Trainer({
    ...toyOptions(),
    objectives: [{ loss: centreLoss(), weight }, { loss: push(), miner: moody }],
    optimizers: { trunk: new Adam({ learningRate: 0.01 }), embedder: new Adam({ learningRate: 0.02 }) },
    plugins: [logger, tester, falling],
    ...options,
  })
  return { trainer, entries }
}

/** An entry as text, every number of it; of what is measured, that it is there. */
function inWords(entry: LogEntry): string {
  if (MEASURED.includes(entry.tag)) return `${entry.step} ${entry.tag}: measured`
  const numbers = (_: string, value: unknown) => (value instanceof Float32Array ? [...value] : typeof value === 'number' && !Number.isFinite(value) ? String(value) : value)
  const { tag, step, ...rest } = entry.kind === 'embedding' ? { ...entry, table: { ...entry.table, dataset: undefined } } : entry
  return `${step} ${tag}: ${JSON.stringify(rest, numbers)}`
}

/** What would come out of a file. */
const saved = (state: RunState): RunState =>
  Object.fromEntries(
    Object.entries(state).map(([section, { values, tensors }]) => [
      section,
      {
        ...(values && { values: JSON.parse(JSON.stringify(values)) as typeof values }),
        ...(tensors && { tensors: new Map([...tensors].map(([name, tensor]) => [name, tf.tensor(tensor.dataSync(), tensor.shape, tensor.dtype)])) }),
      },
    ]),
  )

const stepOf = (entry: string): number => Number(entry.split(' ', 1)[0])

describe.each([
  ['compiled', {}],
  ['eagerly', { compile: false }],
  ['in chunks', { chunkSize: 3 }],
])('A run that is resumed logs what an uninterrupted one does, %s:', (_, how) => {
  // Of 4 steps an epoch; looks are at every second step, and at every third and the last.
  it.each([
    ['in the middle of an epoch, at a look', 6, 2],
    ['in the middle of an epoch, between looks', 5, 2],
    ['where looks are not where epochs end', 7, 3],
    ['at the last step of an epoch, before its evaluation', 4, 2],
    ['in its first step', 1, 2],
  ])('%s', async (_place, stop, logEverySteps) => {
    const whole = run({ ...how, logEverySteps })
    await whole.trainer.train({ epochs })
    const first = run({ ...how, logEverySteps })
    let state: RunState | undefined
    for await (const { step } of first.trainer.steps({ epochs })) {
      if (step < stop) continue
      state = saved(await first.trainer.state())
      break
    }
    const second = run({ ...how, logEverySteps })
    await second.trainer.restore(state!)
    await second.trainer.train({ epochs })
    const both = [...first.entries.filter((entry) => stepOf(entry) <= stop), ...second.entries]
    expect(both).toEqual(whole.entries)
    const tags = new Set(whole.entries.map((entry) => entry.split(' ')[1]!.slice(0, -1)))
    expect([...tags].filter((tag) => MEASURED.includes(tag)).sort()).toEqual(MEASURED)
    for (const tag of ['train/loss/push', 'train/emptySelections/push', 'train/miner/push/numPairs', 'gradientNorm/trunk', 'gradients/embedder', 'val/loss', 'val/metric', 'scheduled/objectives.centre.weight', 'rate/embedder']) {
      expect([...tags]).toContain(tag)
    }
    for (const { trainer } of [whole, first, second]) trainer.dispose()
  })
})
