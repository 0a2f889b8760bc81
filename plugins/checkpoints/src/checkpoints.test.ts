import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { Linear, loadModule } from '@metric-learning/models'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mountTmpfs } from '../../../tools/test-support/mount-tmpfs.js'
import type { CheckpointsOptions } from './checkpoints-options.js'
import { checkpoints } from './checkpoints.js'
import { exportModel } from './export-model.js'
import { readCheckpoint } from './read-checkpoint.js'
import { bestCheckpoint, latestCheckpoint, listCheckpoints } from './run-folder.js'
import { TinyRun, type TinyRunOptions } from './tiny-run.fixture.js'
import { writeCheckpoint } from './write-checkpoint.js'

let folder: string
let said: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoints-'))
  said = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const HELD_OUT = 'heldOut/precisionAt1'
/** What is measured after epochs 1, 2, … */
const ACCURACIES = [0.3, 0.8, 0.5, 0.8, 0.6]
const evaluate = (epoch: number) => ({ [HELD_OUT]: ACCURACIES[epoch - 1]! })

const trainer = (options: Partial<CheckpointsOptions> = {}, run: Partial<TinyRunOptions> = {}) =>
  new TinyRun({ plugin: checkpoints({ folder, say: (line) => said.push(line), ...options }), ...run })

const names = async () => (await readdir(folder)).map((name) => /epoch-\d+-batch-\d+$/.exec(name)?.[0] ?? name)
const signalListeners = () => process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')

describe('checkpoints', () => {
  it('saves after each epoch, and keeps the last two', async () => {
    await trainer().train(3)
    expect(await names()).toEqual(['epoch-2-batch-0', 'epoch-3-batch-0'])
    const { state, position, metrics, dispose } = await readCheckpoint((await latestCheckpoint(folder))!)
    expect(position).toEqual({ epoch: 3, batch: 0, step: 12 })
    expect(metrics).toMatchObject({ 'train/loss': -11, 'train/loss/minus': -11, 'rate/trunk': 6 })
    expect([...(await state['modules.trunk']!.tensors!.get('weight')!.data())]).toEqual(Array(6).fill(12))
    dispose()
  })

  it('saves every few steps, and where the run ends', async () => {
    await trainer({ everySteps: 3, keepLast: 10 }, { steps: 5 }).train(2)
    expect(await names()).toEqual(['epoch-0-batch-3', 'epoch-1-batch-1', 'epoch-1-batch-4', 'epoch-2-batch-0'])
  })

  it('saves every few minutes', async () => {
    await trainer({ everyMinutes: 1 / 60_000, keepLast: 10 }, { onStep: () => new Promise((resolve) => setTimeout(resolve, 5)) }).train(1)
    expect(await names()).toEqual(['epoch-0-batch-1', 'epoch-0-batch-2', 'epoch-0-batch-3', 'epoch-0-batch-4', 'epoch-1-batch-0'])
    await rm(folder, { recursive: true })
    await trainer({ everyMinutes: 60 }).train(1)
    expect(await names()).toEqual(['epoch-1-batch-0'])
  })

  it.each([
    ['max', 1, ['epoch-2-batch-0', 'epoch-5-batch-0']],
    ['max', 2, ['epoch-2-batch-0', 'epoch-4-batch-0', 'epoch-5-batch-0']],
    ['min', 2, ['epoch-1-batch-0', 'epoch-3-batch-0', 'epoch-5-batch-0']],
  ] as const)('keeps the best by %s, %i of them', async (mode, count, kept) => {
    await trainer({ keepLast: 1, keepBest: { metric: HELD_OUT, mode, count } }, { evaluate }).train(5)
    expect(await names()).toEqual(kept)
  })

  it('saves the best of an evaluation within an epoch, as the weights then are', async () => {
    const options = { keepLast: 1, everyEpochs: 100, keepBest: { metric: HELD_OUT, mode: 'max' } } as const
    await trainer(options, { evaluate: (_, step) => ({ [HELD_OUT]: -Math.abs(step - 6) }), evaluateEverySteps: 2 }).train(3)
    expect(await names()).toEqual(['epoch-1-batch-2', 'epoch-3-batch-0'])
    const best = await readCheckpoint((await bestCheckpoint(folder, { metric: HELD_OUT, mode: 'max' }))!)
    expect([...best.state['modules.trunk']!.tensors!.get('weight')!.dataSync()]).toEqual(Array(6).fill(6))
    best.dispose()
  })

  it('saves the best whenever it comes', async () => {
    await trainer({ keepLast: 1, everyEpochs: 100, keepBest: { metric: HELD_OUT, mode: 'max' } }, { evaluate }).train(5)
    expect(await names()).toEqual(['epoch-2-batch-0', 'epoch-5-batch-0'])
    expect(basename((await bestCheckpoint(folder, { metric: HELD_OUT, mode: 'max' }))!)).toContain('epoch-2')
  })

  it('takes what has no value for the best never, and for a metric that came', async () => {
    const keepBest = { metric: HELD_OUT, mode: 'min' } as const
    await trainer({ keepLast: 1, keepBest }, { evaluate: (epoch) => ({ [HELD_OUT]: epoch === 2 ? 0.5 : null }) }).train(3)
    expect(await names()).toEqual(['epoch-2-batch-0', 'epoch-3-batch-0'])
    await rm(folder, { recursive: true })
    await trainer({ keepLast: 1, keepBest }, { evaluate: () => ({ [HELD_OUT]: null }) }).train(2)
    expect([await names(), said]).toEqual([['epoch-2-batch-0'], []])
  })

  it('takes no metric for that of other weights', async () => {
    await trainer({ everySteps: 1, everyEpochs: 1, keepLast: 100 }, { evaluate, steps: 2 }).train(2)
    const metrics = (await listCheckpoints(folder)).map(({ info }) => info!.metrics[HELD_OUT])
    expect(metrics).toEqual([undefined, undefined, 0.3, undefined, undefined, 0.8])
  })

  it('goes on from the latest, with what it kept', async () => {
    const options = { keepLast: 1, keepBest: { metric: HELD_OUT, mode: 'max' } } as const
    await trainer(options, { evaluate }).train(3)
    const before = tf.memory().numTensors
    const second = trainer({ ...options, resume: true }, { evaluate })
    await second.train(5)
    expect(second.step).toBe(20)
    expect([...second.weight.dataSync()]).toEqual(Array(6).fill(20))
    expect(said).toEqual([`Resumed ${join(folder, 'checkpoint-000003-epoch-3-batch-0')}: 3 epochs and 0 batches done, 12 steps in all.`])
    expect(await names()).toEqual(['epoch-2-batch-0', 'epoch-5-batch-0'])
    second.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('goes on in the middle of an epoch, from a checkpoint or the folder of a run', async () => {
    await trainer({ everySteps: 3, keepLast: 10 }).train(1)
    const from = join(folder, 'checkpoint-000001-epoch-0-batch-3')
    const other = join(folder, 'other')
    const steps: number[] = []
    const second = trainer({ folder: other, resume: from }, { onStep: (step) => steps.push(step) })
    await second.train(1)
    expect(steps).toEqual([4])
    const third = trainer({ folder: join(folder, 'third'), resume: other })
    await third.train(1)
    expect(said[1]).toContain(`Resumed ${join(other, 'checkpoint-000001-epoch-1-batch-0')}`)
    // It stands where it stood, so that there is nothing to save.
    expect(await readdir(join(folder, 'third'))).toEqual([])
  })

  it('has the metrics of a resumed step', async () => {
    await trainer({}, { evaluate }).train(1)
    const second = trainer({ folder: join(folder, 'second'), resume: folder, everyEpochs: 1 })
    await second.train(1)
    expect((await second.trainer.state())['plugins.checkpoints']!.values).toMatchObject({ step: 4, metrics: { 'train/loss': -3, [HELD_OUT]: 0.3 } })
  })

  it('begins a new run where there is nothing to resume, and says so', async () => {
    await trainer({ resume: true }).train(1)
    expect(said).toEqual([`No checkpoint to resume in ${folder}: a new run.`])
  })

  it('says what is where nothing is to resume', async () => {
    const resume = join(folder, 'none')
    const wanted = (got: string) => `checkpoints: wanted a checkpoint, or the folder of a run with some, at ${resume}, to resume, got ${got}. Correct the path`
    await expect(trainer({ resume }).train(1)).rejects.toThrow(wanted('no such folder'))
    await writeFile(resume, '')
    await expect(trainer({ resume }).train(1)).rejects.toThrow(wanted('a file'))
    await rm(resume)
    await mkdir(join(resume, 'logs'), { recursive: true })
    await expect(trainer({ resume }).train(1)).rejects.toThrow(wanted('a folder without any'))
  })

  it('does not mix two runs in a folder', async () => {
    await trainer().train(1)
    await expect(trainer().train(1)).rejects.toThrow(`got ${folder}, which has 1 checkpoints of another one. Pass another folder, or \`resume: true\``)
    expect(await names()).toEqual(['epoch-1-batch-0'])
  })

  it('lets no second run into its folder while it goes on, of whatever process, also one that resumes', async () => {
    const refused: unknown[] = []
    const first = trainer({ everySteps: 1 }, {
      onStep: async (step) => {
        if (step !== 3) return
        const second = trainer({ resume: true }, { onStep: () => refused.push('a step') })
        await second.train(1).catch((error: unknown) => refused.push(error))
      },
    })
    await first.train(1)
    expect(refused).toEqual([expect.objectContaining({ code: 'ML_STATE', message: expect.stringContaining(`wanted ${folder} for one run at a time, got another one, of this process`) as string })])
    await trainer({ resume: true }).train(2)
    expect(await names()).toEqual(['epoch-1-batch-0', 'epoch-2-batch-0'])
  })

  it('does not mix two runs in a folder either when a run goes on from elsewhere', async () => {
    const other = join(folder, 'other')
    await trainer({ keepLast: 9 }).train(3)
    await trainer({ folder: other }).train(1)
    for (const resume of [other, join(other, 'checkpoint-000001-epoch-1-batch-0')]) {
      await expect(trainer({ resume, keepLast: 1 }).train(2)).rejects.toThrow(`got ${folder}, which has 3 checkpoints of another one`)
    }
    expect(await listCheckpoints(folder)).toHaveLength(3)
    // By another name, it is the same run.
    const link = join(folder, 'link')
    await symlink(folder, link)
    for (const resume of [`${folder}/`, join(link, 'checkpoint-000003-epoch-3-batch-0')]) await trainer({ resume, keepLast: 9 }).train(3)
    expect(said).toHaveLength(2)
  })

  it('says so when the metric by which the best are kept does not come, and ends the run with an error, saved', async () => {
    const keepBest = { metric: 'heldOut/precisionAt2', mode: 'max' } as const
    await expect(trainer({ keepBest }, { evaluate }).train(3)).rejects.toThrow(
      /checkpoints: wanted `keepBest.metric` to be a number that is logged, "heldOut\/precisionAt2", got only .*heldOut\/precisionAt1\. Correct the tag/,
    )
    expect(said).toEqual([expect.stringContaining('No best checkpoint can be kept so far. checkpoints: wanted `keepBest.metric`')])
    expect(await names()).toEqual(['epoch-2-batch-0', 'epoch-3-batch-0'])
  })

  it('takes a metric that came before the run was resumed for one that comes', async () => {
    const keepBest = { metric: HELD_OUT, mode: 'max' } as const
    await trainer({ keepBest }, { evaluate }).train(1)
    await trainer({ keepBest, resume: true }).train(2)
    expect(await names()).toEqual(['epoch-1-batch-0', 'epoch-2-batch-0'])
  })

  it('may be there twice, by names', async () => {
    const say = (line: string) => said.push(line)
    const all = join(folder, 'all')
    const run = () =>
      new TinyRun({ plugin: checkpoints({ folder, resume: true, say }), others: [checkpoints({ folder: all, name: 'all', keepLast: 9, say })] })
    await run().train(3)
    expect([(await names()).sort(), (await listCheckpoints(all)).length]).toEqual([['all', 'epoch-2-batch-0', 'epoch-3-batch-0'], 3])
    const { state, dispose } = await readCheckpoint((await latestCheckpoint(folder))!)
    expect(Object.keys(state).filter((name) => name.startsWith('plugins.'))).toEqual(['plugins.checkpoints', 'plugins.all'])
    dispose()
  })

  it('passes over a damaged one and says so; one that was asked for is an error, which offers the one before', async () => {
    await trainer().train(2)
    const [first, second] = (await listCheckpoints(folder)).map((one) => one.folder)
    await truncate(join(second!, 'tensors-1.safetensors'), 5)
    await expect(trainer({ resume: second! }).train(3)).rejects.toMatchObject({ kind: 'damaged', before: first })
    await trainer({ resume: true }).train(3)
    expect(said[0]).toContain(`Passed over a checkpoint. Checkpoint: wanted ${join(second!, 'tensors-1.safetensors')} as it was saved, got 5 bytes of`)
    expect(said[1]).toContain(`Resumed ${first!}`)
    // What is damaged is left for whoever wants to look at it.
    expect((await listCheckpoints(folder)).map(({ info }) => info?.position.epoch)).toEqual([undefined, 2, 3])
  })

  it('does not save twice where a run that is done goes on and has nothing to do', async () => {
    const run = trainer({ keepLast: 10 })
    await run.train(1)
    await run.train(1)
    await run.train(2)
    expect(await names()).toEqual(['epoch-1-batch-0', 'epoch-2-batch-0'])
  })

  it('leaves the last checkpoint whole when the run fails, and signals to others', async () => {
    const listeners = signalListeners()
    const fails = trainer({ everySteps: 1 }, { onStep: (step) => (step === 3 ? Promise.reject(new Error('broken')) : undefined) })
    await expect(fails.train(1)).rejects.toThrow('broken')
    expect(await names()).toEqual(['epoch-0-batch-1', 'epoch-0-batch-2'])
    expect(await latestCheckpoint(folder)).toContain('epoch-0-batch-2')
    expect(signalListeners()).toBe(listeners)
  })

  it('listens to signals while the run goes on, and no longer; not at all when it should not', async () => {
    const listeners = signalListeners()
    const during: number[] = []
    const onStep = () => during.push(signalListeners() - listeners)
    const run = trainer({}, { onStep, steps: 1 })
    await run.train(1)
    await run.train(2)
    await trainer({ folder: join(folder, 'other'), onSignal: false }, { onStep, steps: 1 }).train(1)
    expect(during).toEqual([2, 2, 0])
    expect(signalListeners()).toBe(listeners)
  })

  it('ends the run with an error when a save fails, and loses nothing', async ({ skip }) => {
    const mounted = mountTmpfs(folder, 'size=64k')
    if (typeof mounted === 'string') return skip(mounted)
    try {
      const fills = trainer({ everySteps: 1, keepLast: 1 }, { onStep: (step) => (step === 3 ? writeFile(join(folder, 'log'), 'x'.repeat(48_000)) : undefined) })
      await expect(fills.train(1)).rejects.toThrow('ENOSPC')
      expect(await latestCheckpoint(folder)).toContain('epoch-0-batch-2')
      mounted.remount('ro')
      await expect(trainer({ resume: true }).train(1)).rejects.toMatchObject({ code: 'ML_CHECKPOINT', kind: 'unwritable', file: folder })
    } finally {
      mounted.unmount()
    }
  })

  it.each([
    [{ folder: '' }, '`folder` to be the path of a folder, got ""'],
    [{ name: '' }, '`name` to be a name, got ""'],
    [{ everySteps: 0 }, '`everySteps` to be an integer of at least 1'],
    [{ everyMinutes: 0 }, '`everyMinutes` to be a number above 0'],
    [{ everyMinutes: { [Symbol.for('metric-learning.scheduled')]: true, value: 0.5, restrict: () => undefined } as never }, '`everyMinutes` to be a plain number'],
    [{ keepLast: 0 }, '`keepLast` to be an integer of at least 1'],
    [{ keepBest: { metric: '', mode: 'max' } }, '`keepBest.metric` to be the tag'],
    [{ keepBest: { metric: 'a', mode: 'best' as 'max' } }, "`keepBest.mode` to be 'max' or 'min', got best"],
    [{ resume: null as never }, '`resume` to be the path of a folder, got null'],
    [{ every: 1 } as object, 'got `every`'],
  ])('refuses %j', (options, message) => {
    expect(() => checkpoints({ folder, ...options })).toThrow(message)
  })
})

describe('exportModel', () => {
  it('writes what loadModule reads', async () => {
    const linear = new Linear({ inputSize: 3, outputSize: 2, seed: 1 })
    const state = { 'modules.embedder': { tensors: new Map([...linear.parameters]) }, trainer: {} }
    await writeCheckpoint(join(folder, 'checkpoint-1'), state, { position: { epoch: 0, batch: 0, step: 0 } })
    const before = tf.memory().numTensors
    const path = join(folder, 'model', 'embedder.safetensors')
    expect(await exportModel(join(folder, 'checkpoint-1'), join(folder, 'model'))).toEqual([path])
    expect(tf.memory().numTensors).toBe(before)
    const other = new Linear({ inputSize: 3, outputSize: 2, seed: 2 })
    await loadModule(other, path)
    for (const [name, variable] of linear.parameters) expect([...other.parameters.get(name)!.dataSync()]).toEqual([...variable.dataSync()])
  })

  it('writes averages where there are some, unless weights are asked for', async () => {
    const [weights, averages] = [1, 2].map((seed) => new Linear({ inputSize: 3, outputSize: 2, seed }))
    const state = { 'modules.embedder': { tensors: new Map([...weights!.parameters]) }, 'averages.embedder': { tensors: new Map([...averages!.parameters]) }, trainer: {} }
    await writeCheckpoint(join(folder, 'checkpoint-1'), state, { position: { epoch: 0, batch: 0, step: 0 } })
    for (const [rawWeights, wanted] of [[false, averages], [true, weights]] as const) {
      const [path] = await exportModel(join(folder, 'checkpoint-1'), join(folder, 'model'), { rawWeights })
      const other = new Linear({ inputSize: 3, outputSize: 2, seed: 3 })
      await loadModule(other, path!)
      for (const [name, variable] of wanted!.parameters) expect([...other.parameters.get(name)!.dataSync()]).toEqual([...variable.dataSync()])
    }
    await expect(exportModel(join(folder, 'checkpoint-1'), folder, { raw: true } as object)).rejects.toThrow('got `raw`')
  })

  it('says so when there is no module', async () => {
    await writeCheckpoint(join(folder, 'checkpoint-1'), { trainer: {} }, { position: { epoch: 0, batch: 0, step: 0 } })
    await expect(exportModel(join(folder, 'checkpoint-1'), folder)).rejects.toThrow('wanted sections modules.<name>')
  })
})
