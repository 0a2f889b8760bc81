import * as tf from '@tensorflow/tfjs-core'
import type { Dataset, Loss, Module } from '@metric-learning/contracts'
import { Trainer, type Plugin, type RunOptions } from '@metric-learning/core'
import { afterEach, describe, expect, it } from 'vitest'
import { Profiler } from './profiler.js'
import type { TraceEvent } from './trace.js'

const cleanUp: (() => void)[] = []
afterEach(() => {
  for (const work of cleanUp.splice(0)) work()
})

const dataset: Dataset = {
  name: 'points',
  labels: Int32Array.of(0, 0, 1, 1),
  classNames: ['left', 'right'],
  sampleShape: [2],
  load: (rows) => Promise.resolve({ values: Float32Array.from({ length: 2 * rows.length }, (_, i) => i), shape: [rows.length, 2] }),
}

function scale(name: string): Module {
  const factor = tf.variable(tf.scalar(1))
  cleanUp.push(() => {
    factor.dispose()
  })
  const parameters = new Map([['factor', factor]])
  return { name, parameters, buffers: new Map(), outputSize: 2, call: (x) => tf.mul(x, factor), dispose: () => undefined }
}

const loss: Loss = { name: 'size', parameters: new Map(), compute: (x) => tf.mean(tf.square(x)) }

/** Evaluates nothing, after each epoch, with one operation. */
const tester = (): Plugin => ({
  name: 'tester',
  apply(trainer) {
    trainer.hooks.evaluate.tap({ name: 'tester' }, ({ epoch }) => {
      if (epoch === 0) return undefined
      tf.dispose(tf.cumsum(tf.tensor1d([1, 2])))
      return { tester: 'tester', metrics: {}, seconds: 0 }
    })
  },
})

/** Two epochs of six steps. */
async function profile(options: Partial<RunOptions> = {}, profiler = new Profiler()) {
  const trainer = new Trainer({
    trunk: scale('trunk'),
    embedder: scale('embedder'),
    dataset,
    sampler: { name: 'pairs', batchSize: 2, batchesPerEpoch: 6, batch: () => Int32Array.of(0, 2) },
    objectives: [{ loss }],
    plugins: [profiler, tester()],
    ...options,
  })
  cleanUp.push(
    () => {
      trainer.dispose()
    },
    () => {
      profiler.dispose()
    },
  )
  await trainer.train({ epochs: 2 })
  return { summary: profiler.summary(), events: profiler.trace().traceEvents }
}

const spans = (events: readonly TraceEvent[], category: string) => events.filter(({ cat }) => cat === category)
const contains = (outer: TraceEvent, { ts, dur }: TraceEvent) => outer.ts <= ts && ts + dur! <= outer.ts + outer.dur! + 0.02

describe('Profiler', () => {
  it('counts steps, waits and evaluations, and draws each where it belongs', async () => {
    const { summary, events } = await profile()
    expect(summary).toMatchObject({ backend: tf.getBackend(), epochs: 2, steps: 12, evaluations: 2 })
    const [epochs, steps, waits, evaluations] = ['epoch', 'step', 'data', 'evaluation'].map((category) => spans(events, category))
    expect([epochs, steps, waits, evaluations].map((some) => some!.length)).toEqual([2, 12, 12, 2])
    steps!.forEach((step, i) => {
      expect(step.args).toEqual({ step: i + 1, epoch: i < 6 ? 1 : 2 })
      expect(contains(epochs![i < 6 ? 0 : 1]!, step)).toBe(true)
      // The wait for a batch ends where its step begins, and begins after the step before.
      expect(waits![i]!.ts + waits![i]!.dur!).toBeCloseTo(step.ts, 1)
      if (i > 0) expect(waits![i]!.ts).toBeGreaterThanOrEqual(steps![i - 1]!.ts + steps![i - 1]!.dur! - 0.02)
    })
    const total = (some: readonly TraceEvent[]) => some.reduce((sum, { dur }) => sum + dur! / 1000, 0)
    expect(summary.step.total).toBeCloseTo(total(steps!), 2)
    expect(summary.dataWait).toBeCloseTo(total(waits!), 2)
    // Testers were asked before training, too, and found nothing.
    expect(summary.evaluation.total).toBeGreaterThanOrEqual(total(evaluations!) - 0.01)
    expect(summary.dataWait + summary.step.total + summary.between.total).toBeCloseTo(total(epochs!), 2)
    expect(summary.memory.peak).toBeGreaterThanOrEqual(summary.memory.resident)
  })

  it('writes the Trace Event Format', async () => {
    const { events } = await profile()
    const names = events.filter(({ ph }) => ph === 'M').map(({ tid, args }) => [tid, args!['name']])
    expect(names).toEqual([[0, 'metric-learning'], [1, 'training'], [2, 'TensorFlow']])
    for (const event of events) {
      expect(['X', 'C', 'M']).toContain(event.ph)
      expect(typeof event.name).toBe('string')
      expect([event.pid, event.tid, event.ts].every(Number.isFinite)).toBe(true)
      expect(event.ts).toBeGreaterThanOrEqual(0)
      if (event.ph === 'X') expect(event.dur).toBeGreaterThanOrEqual(0)
      if (event.ph === 'C') expect(Object.values(event.args!).every((value) => typeof value === 'number')).toBe(true)
    }
    expect(events.filter(({ name, ph }) => ph === 'C' && name === 'tensors').length).toBe(12)
  })
})

describe.runIf(tf.getBackend() === 'tensorflow')('Profiler on the native backend', () => {
  it('counts every operation by type, in steps and in evaluations, and lets go', async () => {
    const backend = tf.backend()
    const { summary, events } = await profile({ compile: false })
    expect(Object.hasOwn(backend, 'executeSingleOutput')).toBe(true)
    expect(summary.eagerSteps).toBe(12)
    expect(summary.graphs).toEqual([])
    const operations = spans(events, 'operation')
    const counted = [...summary.stepOperations, ...summary.evaluationOperations]
    for (const { operation, count } of counted) {
      const all = counted.filter((other) => other.operation === operation).reduce((sum, other) => sum + other.count, 0)
      expect(operations.filter(({ name }) => name === operation).length).toBe(all)
      expect(count % 2).toBe(0)
    }
    expect(summary.evaluationOperations.map(({ operation, count }) => [operation, count])).toEqual([['Cumsum', 2]])
    const sum = summary.stepOperations.reduce((total, row) => total + row.total, 0)
    expect(summary.step.library.operations).toBeCloseTo(sum, 6)
    expect(summary.step.library.operations + summary.step.library.reads + summary.step.host).toBeCloseTo(summary.step.total, 6)
    expect(summary.stepOperations.reduce((total, row) => total + row.share, 0)).toBeCloseTo(1, 6)
    const steps = spans(events, 'step')
    expect(operations.filter(({ name }) => name !== 'Cumsum').every((operation) => steps.some((step) => contains(step, operation)))).toBe(true)
    cleanUp.splice(0).forEach((work) => {
      work()
    })
    expect(Object.hasOwn(backend, 'executeSingleOutput')).toBe(false)
  })

  it('counts runs of compiled graphs, and the operations in them', async () => {
    const { summary, events } = await profile({ compile: 'require' })
    const [graph, ...none] = summary.graphs
    expect(none).toEqual([])
    expect([graph!.runs, summary.eagerSteps]).toEqual([12, 0])
    // The graph is what the recordings did, with one operation for each parameter's update.
    const recorded = new Map(summary.stepOperations.map(({ operation, count }) => [operation, count]))
    expect(graph!.operations.length).toBeGreaterThan(3)
    const { ResourceApplyAdam: updates, ...others } = Object.fromEntries(graph!.operations)
    expect(updates).toBe(2)
    const recordings = recorded.get('Mean')! / others['Mean']!
    // Once by computing; comparisons compute nothing.
    expect(recordings).toBe(1)
    for (const [operation, count] of Object.entries(others)) expect(recorded.get(operation)).toBeGreaterThanOrEqual(recordings * count)
    expect(events.filter(({ name }) => name === 'graph 1').length).toBe(graph!.runs)
    expect(summary.step.library.graphs).toBeCloseTo(graph!.total, 6)
    const { library, host, total } = summary.step
    expect(library.graphs + library.operations + library.transfers + library.reads + host).toBeCloseTo(total, 6)
  })

  it('draws no more than it is told, but counts all', async () => {
    const whole = await profile({ compile: false })
    const { summary, events } = await profile({ compile: false }, new Profiler({ maxTraceEvents: 5 }))
    const drawn = (of: typeof events) => of.filter(({ ph }) => ph !== 'M').length
    expect(drawn(events)).toBe(5)
    expect(summary.untraced).toBe(drawn(whole.events) - 5)
    const counts = (of: typeof summary) => of.stepOperations.map(({ operation, count }) => [operation, count]).sort()
    expect(counts(summary)).toEqual(counts(whole.summary))
  })
})
