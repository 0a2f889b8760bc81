import type { Plugin, RunState } from '@metric-learning/core'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it, vi } from 'vitest'
import { freezing } from './freezing.js'
import { noting, STEPS, toyTrainer, toyTrainerOf } from './toy-run.fixture.js'

/** Tensors as they are now: those of a state are variables of the run. */
const copyOf = (state: RunState): RunState =>
  Object.fromEntries(Object.entries(state).map(([name, { values, tensors }]) => [name, { ...(values && { values: structuredClone(values) }), ...(tensors && { tensors: new Map([...tensors].map(([key, tensor]) => [key, tf.clone(tensor)])) }) }]))

describe('freezing', () => {
  it.each([false, true])('keeps parameters as they are for so many epochs, and gives them back as they were (compile: %s)', async (compile) => {
    const weights = noting(({ parameters }) => ['trunk.weight', 'embedder.weight'].map((name) => parameters.get(name)!.dataSync()[0]!))
    const trainer = toyTrainerOf({ compile, plugins: [freezing({ trunk: 2, embedder: 0 }), weights] })
    await trainer.train({ epochs: 4 })
    const trunkWeights = weights.notes.map(([weight]) => weight)
    expect(new Set(trunkWeights.slice(0, 2 * STEPS + 1)).size).toBe(1)
    expect(new Set(trunkWeights.slice(2 * STEPS)).size).toBe(2 * STEPS)
    expect(new Set(weights.notes.map(([, weight]) => weight)).size).toBe(4 * STEPS)
    expect([...trainer.parameters.values()].every(({ trainable }) => trainable)).toBe(true)
    trainer.dispose()
  })

  it('goes by the epoch of the run, also of one that is resumed', async () => {
    const whole = toyTrainer(freezing({ trunk: 1 }))
    await whole.train({ epochs: 3 })
    const first = toyTrainer(freezing({ trunk: 1 }))
    await first.train({ epochs: 1 })
    const second = toyTrainer(freezing({ trunk: 1 }))
    await second.restore(await first.state())
    await second.train({ epochs: 3 })
    const weights = (trainer: typeof whole) => [...trainer.parameters.values()].map((variable) => [...variable.dataSync()])
    expect(weights(second)).toEqual(weights(whole))
  })

  it.each([false, true])('thaws what was frozen when the run was cut off, and nothing else (compile: %s)', async (compile) => {
    const made = (...plugins: Plugin[]) => {
      const trainer = toyTrainerOf({ compile, plugins: [freezing({ trunk: 2, embedder: 1 }), ...plugins] })
      trainer.parameters.get('embedder.weight')!.trainable = false
      return trainer
    }
    let saved: RunState | undefined
    const saving: Plugin = {
      name: 'saving',
      apply: ({ hooks }) => {
        hooks.epochEnd.tapPromise({ name: 'saving', stage: 'save' }, async ({ trainer, epoch }) => {
          if (epoch === 1) saved = copyOf(await trainer.state())
        })
      },
    }
    const whole = made(saving)
    await whole.train({ epochs: 4 })
    const resumed = made()
    await resumed.restore(saved!)
    await resumed.train({ epochs: 4 })
    const weights = (trainer: typeof whole) => [...trainer.parameters.values()].map((variable) => [...variable.dataSync()])
    expect(weights(resumed)).toEqual(weights(whole))
    expect(weights(resumed)[0]).not.toEqual([...saved!['modules.trunk']!.tensors!.get('weight')!.dataSync()])
    expect([...resumed.parameters.values()].map(({ trainable }) => trainable)).toEqual([true, false, true])
  })

  it('leaves alone what was frozen before, and thaws after a run that failed', async () => {
    const trainer = toyTrainer(freezing({ trunk: 1 }), {
      name: 'failing',
      apply: ({ hooks }) =>
        hooks.batchEnd.tap({ name: 'failing' }, () => {
          throw new Error('enough')
        }),
    })
    trainer.parameters.get('embedder.weight')!.trainable = false
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow('enough')
    expect([...trainer.parameters].map(([name, { trainable }]) => [name, trainable])).toEqual([['trunk.weight', true], ['embedder.weight', false], ['losses.centre.centre', true]])
  })

  it.each([
    [{}, 'wanted paths of parameters, got none'],
    [{ trunk: -1 }, '`trunk` to be an integer of at least 0, got -1'],
    [{ trunk: 0.5 }, '`trunk` to be an integer'],
  ])('refuses %j', (epochs, message) => {
    expect(() => freezing(epochs)).toThrow(message)
  })

  it.each([[undefined], [['trunk']], ['trunk']])('refuses %j', (epochs) => {
    expect(() => freezing(epochs as never)).toThrow('freezing: wanted numbers of epochs by paths of parameters')
  })

  it('says when a run ended before something thawed', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    await toyTrainer(freezing({ trunk: 2 })).train({ epochs: 3 })
    await toyTrainer(freezing({ trunk: Infinity })).train({ epochs: 1 })
    expect(warn).not.toHaveBeenCalled()
    await toyTrainer(freezing({ trunk: 2 })).train({ epochs: 2 })
    expect(warn.mock.calls).toEqual([[expect.stringContaining('freezing: trunk has learned nothing. The run ended with epoch 2, and it is frozen for 2')]])
    warn.mockRestore()
  })

  it('refuses a path that holds for nothing', () => {
    expect(() => toyTrainer(freezing({ trnk: 1 }))).toThrow('such as trunk.weight, embedder.weight, losses.centre.centre, got `trnk`')
    expect(() => toyTrainer(freezing({ trunk: 1, 'trunk.weight': 2 }))).toThrow('got `trunk`')
  })
})
