import * as tf from '@tensorflow/tfjs-core'
import { OptionError, StateError, type Dataset } from '@metric-learning/contracts'
import { Trainer, type Plugin } from '@metric-learning/core'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { scalingModule } from '../../../../tools/test-support/scaling-module.js'
import type { RunRecord } from './run-record.js'
import { runRecorder, type RunRecorderOptions } from './run-recorder.js'

const dataset: Dataset = {
  name: 'points',
  labels: Int32Array.of(0, 0, 1, 1),
  classNames: ['left', 'right'],
  sampleShape: [2],
  load: async (rows) => ({ values: new Float32Array(rows.length * 2).fill(1), shape: [rows.length, 2] }),
}

/** A tester that finds given accuracies, by epoch, with embeddings all equal to the accuracy. */
function tester(accuracies: readonly number[]): Plugin {
  return {
    name: 'tester',
    apply({ hooks }) {
      hooks.evaluate.tap({ name: 'tester' }, ({ epoch }) => {
        const precisionAt1 = accuracies[epoch]
        if (precisionAt1 === undefined) return undefined
        const isBest = accuracies.slice(0, epoch).every((other) => other < precisionAt1)
        const embeddings = new Float32Array(8).fill(precisionAt1)
        const split = { name: 'val', dataset, embeddings, labels: dataset.labels, dim: 2 }
        return { tester: 'tester', metrics: { val: { precisionAt1 } }, splits: [split], isBest, seconds: 1 }
      })
      // Embeddings are valid until the hook returns.
      hooks.evalEnd.tap({ name: 'tester', stage: 'save' }, ({ splits }) => {
        splits[0]!.embeddings.fill(NaN)
      })
    },
  }
}

const opened: { dispose(): void }[] = []
afterEach(() => {
  opened.splice(0).forEach((owner) => {
    owner.dispose()
  })
})

function prepare(options: Partial<RunRecorderOptions>, accuracies: readonly number[], ...others: Plugin[]) {
  const recorder = runRecorder({ name: 'Run', ...options })
  const [trunk, embedder] = [scalingModule('trunk'), scalingModule('embedder')]
  const loss = {
    name: 'sum',
    parameters: new Map(),
    compute: (embeddings: tf.Tensor2D) => tf.sum<tf.Scalar>(embeddings),
  }
  const trainer = new Trainer({
    trunk,
    embedder,
    dataset,
    sampler: {
      name: 'pairs',
      batchSize: 2,
      batchesPerEpoch: 3,
      batch: () => Int32Array.of(0, 2),
    },
    objectives: [{ loss }],
    logEverySteps: 2,
    plugins: [recorder, tester(accuracies), ...others],
  })
  opened.push(trainer, trunk, embedder)
  return { recorder, trainer }
}

/** Stops at a step. */
const stopAt = (step: number): Plugin => ({
  name: 'stopAt',
  apply(trainer) {
    trainer.hooks.batchEnd.tap({ name: 'stopAt' }, (context) => {
      if (context.step === step) trainer.stop('Ctrl-C')
    })
  },
})

describe('runRecorder', () => {
  it('keeps no metric that has no value, but the reason', async () => {
    const { recorder, trainer } = prepare({}, [0.25, NaN])
    await trainer.train({ epochs: 1 })
    const { evaluations } = recorder.record
    expect(evaluations.map(({ metrics }) => metrics)).toEqual([{ val: { precisionAt1: 0.25 } }, { val: {} }])
    expect(evaluations.map(({ reasons }) => reasons)).toEqual([undefined, { val: { precisionAt1: 'The tester gave no value.' } }])
  })

  it('records evaluations, epochs and embeddings before and after', async () => {
    const { recorder, trainer } = prepare({}, [0.25, 0.5, 0.375])
    await trainer.train({ epochs: 2 })
    const { record } = recorder
    expect(record).toMatchObject({ name: 'Run', status: 'complete', plannedEpochs: 2, result: 'last' })
    expect(
      record.evaluations.map(({ epoch, step, metrics, isBest }) => [
        epoch,
        step,
        metrics['val']!['precisionAt1'],
        isBest,
      ]),
    ).toEqual([
      [0, 0, 0.25, true],
      [1, 3, 0.5, true],
      [2, 6, 0.375, false],
    ])
    expect(record.epochs.map(({ epoch, complete, steps, samples }) => [epoch, complete, steps, samples])).toEqual([
      [1, true, 3, 6],
      [2, true, 3, 6],
    ])
    expect(record.epochs[0]!.seconds).toBeGreaterThan(0)
    expect(record.embeddings).toEqual({
      split: 'val',
      classNames: ['left', 'right'],
      rows: [0, 1, 2, 3],
      labels: [0, 0, 1, 1],
      dim: 2,
      untrained: Array(8).fill(0.25),
      trained: Array(8).fill(0.375),
    })
  })

  it('keeps the embeddings of the best evaluation when that is the result', async () => {
    const { recorder, trainer } = prepare({ result: 'best' }, [0.25, 0.5, 0.375])
    await trainer.train({ epochs: 2 })
    expect(recorder.record.embeddings!.trained).toEqual(Array(8).fill(0.5))
  })

  it('keeps the losses that are logged, and averages', async () => {
    const { recorder, trainer } = prepare({}, [])
    await trainer.train({ epochs: 2 })
    const { losses, epochs } = recorder.record
    expect(losses.map(({ step, epoch }) => [step, epoch])).toEqual([
      [2, 2 / 3],
      [3, 1],
      [4, 1 + 1 / 3],
      [6, 2],
    ])
    // A loss is logged now and then; each wait counts.
    for (const { dataWaitSeconds, seconds } of epochs) {
      expect(dataWaitSeconds).toBeGreaterThan(0)
      expect(dataWaitSeconds).toBeLessThan(seconds)
    }
    expect(epochs[0]!.meanLoss).toBeCloseTo((losses[0]!.loss + losses[1]!.loss) / 2, 6)
    expect(epochs[1]!.meanLoss).toBeCloseTo((losses[2]!.loss + losses[3]!.loss) / 2, 6)
  })

  it('keeps other scalars: rates, terms, speed, memory, what plugins log; not metrics', async () => {
    const plugin: Plugin = {
      name: 'norm',
      apply(trainer) {
        trainer.hooks.batchEnd.tap({ name: 'norm' }, ({ step }) => {
          if (step !== 4) return
          trainer.log({ kind: 'scalar', tag: 'gradients/norm', step, value: 0.5 })
          trainer.log({ kind: 'text', tag: 'note', step, text: 'x' })
        })
      },
    }
    const { recorder, trainer } = prepare({}, [0.25, 0.5, 0.375], plugin)
    await trainer.train({ epochs: 2 })
    const { scalars } = recorder.record
    expect(Object.keys(scalars!)).toEqual(expect.arrayContaining(['gradients/norm', 'rate/embedder', 'rate/trunk', 'train/loss/sum', 'train/samplesPerSecond', 'memory/rss', 'epoch/seconds']))
    expect(Object.keys(scalars!)).not.toContain('val/precisionAt1')
    expect(scalars!['gradients/norm']).toEqual([{ step: 4, epoch: 1 + 1 / 3, value: 0.5 }])
    expect(scalars!['rate/trunk']!.map(({ step, epoch }) => [step, epoch])).toEqual([[2, 2 / 3], [3, 1], [4, 1 + 1 / 3], [6, 2]])
  })

  it('keeps its record in a file, whole after each epoch and however the run ends', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'run-recorder-'))
    const file = join(folder, 'runs', 'record.json')
    const { recorder, trainer } = prepare({ file, method: 'Sum' }, [0.25, 0.5, NaN], stopAt(5))
    const read = () => JSON.parse(readFileSync(file, 'utf8')) as RunRecord
    let afterEpoch: RunRecord | undefined
    for await (const { step } of trainer.steps({ epochs: 2 })) if (step === 4) afterEpoch = read()
    expect(afterEpoch).toMatchObject({ name: 'Run', method: 'Sum', status: 'running', epochs: [{ epoch: 1, complete: true }] })
    expect(read()).toEqual(JSON.parse(JSON.stringify(recorder.record)))
    expect(read()).toMatchObject({ status: 'stopped', stopReason: 'Ctrl-C' })
    await rm(folder, { recursive: true })
  })

  it('is whole when the run was stopped inside an epoch', async () => {
    const { recorder, trainer } = prepare({}, [0.25], stopAt(1))
    await trainer.train({ epochs: 5 })
    const { record } = recorder
    expect(record).toMatchObject({ status: 'stopped', stopReason: 'Ctrl-C', plannedEpochs: 5, losses: [] })
    expect(record.epochs).toHaveLength(1)
    expect(record.epochs[0]).toMatchObject({ complete: false, steps: 1, samples: 2 })
    expect(record.epochs[0]).not.toHaveProperty('meanLoss')
    expect(record.embeddings).not.toHaveProperty('trained')
  })

  it('says that a run failed, and why', async () => {
    const failing: Plugin = {
      name: 'failing',
      apply({ hooks }) {
        hooks.epochStart.tap({ name: 'failing' }, () => {
          throw new Error('disk full')
        })
      },
    }
    const { recorder, trainer } = prepare({}, [], failing)
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow('disk full')
    expect(recorder.record.status).toBe('failed')
    expect(recorder.record.stopReason).toContain('disk full')
  })

  it('is plain data: a copy through JSON is equal, and what was read before does not change', async () => {
    const { recorder, trainer } = prepare({}, [0.25, 0.5])
    const before = recorder.record
    await trainer.train({ epochs: 1 })
    expect(before).toMatchObject({ status: 'running', epochs: [], evaluations: [] })
    const after = recorder.record
    expect(JSON.parse(JSON.stringify(after))).toEqual(after)
  })

  it('goes on when training goes on', async () => {
    const { recorder, trainer } = prepare({}, [], stopAt(3))
    await trainer.train({ epochs: 1 })
    await trainer.train({ epochs: 2 })
    expect(recorder.record).toMatchObject({ status: 'complete', plannedEpochs: 2 })
    expect(recorder.record.epochs.map(({ epoch }) => epoch)).toEqual([1, 2])
  })

  it.each([1, 2, 3, 4, 6])('covers all of a run that was resumed after step %i', async (at) => {
    const accuracies = [0.25, 0.5, 0.375]
    const first = prepare({}, accuracies, stopAt(at))
    await first.trainer.train({ epochs: 2 })
    const resumed = prepare({}, accuracies)
    await resumed.trainer.restore(await first.trainer.state())
    await resumed.trainer.train({ epochs: 2 })
    const whole = prepare({}, accuracies)
    await whole.trainer.train({ epochs: 2 })
    const ofTheProcess = /^(train\/(samplesPerSecond|dataWait)|(memory|epoch)\/.+)$/
    const timeless = ({ epochs, losses, scalars, ...rest }: RunRecord) => ({
      ...rest,
      scalars: Object.fromEntries(Object.entries(scalars!).map(([tag, readings]) => [tag, ofTheProcess.test(tag) ? readings.length : readings])),
      epochs: epochs.map(({ epoch, complete, steps, samples }) => ({ epoch, complete, steps, samples })),
      losses,
    })
    expect(timeless(resumed.recorder.record)).toEqual(timeless(whole.recorder.record))
    const before = first.recorder.record.epochs.at(-1)!
    const after = resumed.recorder.record.epochs.find(({ epoch }) => epoch === before.epoch)!
    expect(after.seconds).toBeGreaterThanOrEqual(before.seconds)
    expect(after.dataWaitSeconds).toBeGreaterThanOrEqual(before.dataWaitSeconds)
  })

  it('has a state that is plain data, and refuses another', () => {
    const { recorder } = prepare({}, [])
    expect(JSON.parse(JSON.stringify(recorder.state()))).toEqual(recorder.state())
    expect(() => recorder.restore({ values: { best: null } })).toThrow(StateError)
  })

  it('rejects options that it does not know or that make no sense', () => {
    expect(() => runRecorder({ name: 'x', every: 3 } as RunRecorderOptions)).toThrow(OptionError)
    expect(() => runRecorder({ name: 'x', maxEmbeddings: 0 })).toThrow(OptionError)
    expect(() => runRecorder({ name: 'x', file: '' })).toThrow(OptionError)
    expect(() => runRecorder({ name: 'x', method: 3 as never })).toThrow(OptionError)
    expect(() => runRecorder({ name: 'x', result: 'first' as 'last' })).toThrow(OptionError)
  })
})
