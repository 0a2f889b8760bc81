import type { Plugin } from '@metric-learning/core'
import { describe, expect, it } from 'vitest'
import { earlyStopping } from './early-stopping.js'
import { evaluating, logging, saved, STEPS, toyTrainer } from './toy-run.fixture.js'

async function run(epochs: number, ...plugins: Plugin[]) {
  const trainer = toyTrainer(...plugins)
  await trainer.train({ epochs })
  return { epoch: trainer.epoch, stopReason: trainer.stopReason }
}

describe('earlyStopping', () => {
  it('stops after so many looks without progress, and says what it waited for', async () => {
    const values = [0.5, 0.6, 0.6, 0.55, 0.7, 0.69, 0.7, 0.1, 0.9]
    const stopping = earlyStopping({ metric: 'val/precisionAt1', mode: 'max', patience: 3 })
    expect(await run(9, logging('val/precisionAt1', values), stopping)).toEqual({
      epoch: 8,
      stopReason: `val/precisionAt1 was not above its best, 0.7 at step ${5 * STEPS}, in the last 3 looks`,
    })
    expect(stopping.name).toBe('earlyStopping val/precisionAt1')
  })

  it('hears what testers find, once', async () => {
    const { epoch } = await run(9, evaluating('val', 'map', [0.5, 0.4, 0.4, 0.4]), earlyStopping({ metric: 'val/map', mode: 'max', patience: 2 }))
    expect(epoch).toBe(3)
  })

  it('wants to see a difference', async () => {
    const values = [1, 0.9, 0.8, 0.7]
    const none = await run(4, logging('val/error', values), earlyStopping({ metric: 'val/error', mode: 'min', patience: 1 }))
    expect(none).toEqual({ epoch: 4, stopReason: undefined })
    const some = await run(4, logging('val/error', values), earlyStopping({ metric: 'val/error', mode: 'min', patience: 3, minDelta: 0.25 }))
    expect(some).toEqual({ epoch: 4, stopReason: undefined })
    const one = await run(4, logging('val/error', values), earlyStopping({ metric: 'val/error', mode: 'min', patience: 1, minDelta: 0.25 }))
    expect(one).toEqual({ epoch: 2, stopReason: `val/error was not more than 0.25 below its best, 1 at step ${STEPS}, in the last look` })
  })

  it('takes NaN for no progress', async () => {
    const { epoch, stopReason } = await run(9, logging('val/map', [NaN, NaN]), earlyStopping({ metric: 'val/map', mode: 'max', patience: 2 }))
    expect(epoch).toBe(2)
    expect(stopReason).toBe('val/map was no finite number in the last 2 looks')
  })

  it('takes no value for no progress, and for a metric that came', async () => {
    const { epoch, stopReason } = await run(9, evaluating('val', 'map', [null, null]), earlyStopping({ metric: 'val/map', mode: 'max', patience: 2 }))
    expect([epoch, stopReason]).toEqual([2, 'val/map was no finite number in the last 2 looks'])
  })

  it('judges a training loss by the mean of an epoch', async () => {
    // The best single value is in the first epoch; the means fall, and then rise.
    const losses = [0.1, 5, 5, 2, 2, 2, 1, 1, 1, 3, 0.2, 3]
    const { epoch, stopReason } = await run(9, logging('train/loss/error', losses, 'step'), earlyStopping({ metric: 'train/loss/error', mode: 'min', patience: 1 }))
    expect(epoch).toBe(4)
    expect(stopReason).toBe(`train/loss/error was not below its best, 1 at step ${3 * STEPS}, in the last look`)
  })

  it('takes a split called train for what it is: each evaluation is a look, and there need be none in an epoch', async () => {
    const every = (from: number, values: readonly number[]): Plugin => ({
      name: 'everyTwoEpochs',
      apply({ hooks }) {
        hooks.evaluate.tap({ name: 'everyTwoEpochs' }, ({ epoch }) =>
          epoch < from || epoch % 2 !== 0 ? undefined : { tester: 'toy', metrics: { train: { precisionAt1: values[(epoch - from) / 2]! } }, seconds: 0 },
        )
      },
    })
    const stopping = () => earlyStopping({ metric: 'train/precisionAt1', mode: 'max', patience: 1 })
    const stopReason = (step: number) => `train/precisionAt1 was not above its best, 0.5 at step ${step}, in the last look`
    expect(await run(9, every(2, [0.5, 0.4]), stopping())).toEqual({ epoch: 4, stopReason: stopReason(2 * STEPS) })
    expect(await run(9, every(0, [0.5, 0.4]), stopping())).toEqual({ epoch: 2, stopReason: stopReason(0) })
  })

  it('goes on where it was saved, also within an epoch', async () => {
    const losses = [3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    const make = () => earlyStopping({ metric: 'train/loss/error', mode: 'min', patience: 3 })
    const first = make()
    // Stopped in the middle of the third epoch.
    const halt: Plugin = {
      name: 'halt',
      apply({ hooks }) {
        hooks.batchEnd.tap({ name: 'halt', stage: 'report' }, ({ trainer, step }) => {
          if (step === 2 * STEPS + 1) trainer.stop('halt')
          return undefined
        })
      },
    }
    await run(9, logging('train/loss/error', losses, 'step'), first, halt)
    const state = saved(first)
    expect(state.values).toEqual({ best: { value: 2, step: 2 * STEPS }, waited: 0, watch: { seen: true, sum: 2, count: 1 } })
    const second = make()
    const trainer = toyTrainer(logging('train/loss/error', losses.slice(2 * STEPS + 1), 'step'), second)
    second.restore(state)
    expect(saved(second)).toEqual(state)
    await trainer.train({ epochs: 9 })
    expect(trainer.stopReason).toBe('train/loss/error was not below its best, 2 at step 6, in the last 3 looks')
    expect(trainer.epoch).toBe(3)
  })

  it('keeps a run that it has ended from going on when it is resumed, unless it gets more patience', async () => {
    const make = (patience: number) => earlyStopping({ metric: 'val/map', mode: 'max', patience })
    const first = make(2)
    const trainer = toyTrainer(logging('val/map', [0.5, 0.4, 0.3]), first)
    await trainer.train({ epochs: 9 })
    expect(trainer.epoch).toBe(3)
    const state = await trainer.state()
    const resume = async (patience: number) => {
      const second = toyTrainer(logging('val/map', [0.2, 0.9]), make(patience))
      await second.restore(state)
      await second.train({ epochs: 5 })
      return { epoch: second.epoch, stopReason: second.stopReason }
    }
    expect(await resume(2)).toEqual({ epoch: 3, stopReason: trainer.stopReason })
    expect(await resume(4)).toEqual({ epoch: 5, stopReason: undefined })
  })

  describe('names the metrics that came when its own did not', () => {
    it.each<[string, string, number, Plugin[]]>([
      ['after the first evaluation', 'val/precisionAtOne', 1, [evaluating('val', 'precisionAt1', [])]],
      ['after the first epoch where the trainer would log it', 'train/loss/err', 1, [logging('train/loss/error', [1, 1, 1, 1], 'step'), logging('memory/rss', [1, 1])]],
      ['at the end of the run where there is no evaluation', 'val/precisionAt1', 3, [logging('train/loss/error', [1, 1, 1, 1], 'step')]],
    ])('%s', async (_, metric, epochs, plugins) => {
      const trainer = toyTrainer(...plugins, earlyStopping({ metric, mode: 'max' }))
      const came = plugins[0]!.name.startsWith('evaluating') ? 'val/precisionAt1' : 'train/loss/error'
      await expect(trainer.train({ epochs: 3 })).rejects.toThrow(
        new RegExp(`earlyStopping: wanted \`metric\` to be a number that is logged, "${metric}", got only .*${came}`),
      )
      expect(trainer.step).toBe(epochs * STEPS)
    })

    it('not before it had its chance', async () => {
      const late: Plugin = {
        name: 'late',
        apply({ hooks }) {
          hooks.epochEnd.tap({ name: 'late' }, ({ trainer, epoch, step }) => {
            if (epoch === 3) trainer.log({ kind: 'scalar', tag: 'val/map', step, value: 1 })
            return undefined
          })
        },
      }
      expect(await run(3, late, earlyStopping({ metric: 'val/map', mode: 'max' }))).toEqual({ epoch: 3, stopReason: undefined })
    })
  })

  it.each<[string, object, string]>([
    ['no metric', { mode: 'max' }, "`metric` to be the tag of a logged number, such as 'val/precisionAt1', got undefined"],
    ['no mode', { metric: 'val/map' }, "`mode` to be 'min' or 'max', got undefined"],
    ['no patience at all', { metric: 'val/map', mode: 'max', patience: 0 }, '`patience` to be an integer of at least 1, got 0'],
    ['a negative difference', { metric: 'val/map', mode: 'max', minDelta: -1 }, '`minDelta`'],
    ['a misspelt option', { metric: 'val/map', mode: 'max', delta: 1 }, 'got `delta`'],
  ])('refuses %s', (_, options, message) => {
    expect(() => earlyStopping(options as never)).toThrow(message)
  })
})
