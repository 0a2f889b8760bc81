import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { Random, type BatchPosition, type BatchSampler, type Plain, type Stateful } from '@metric-learning/contracts'
import type { RunState } from '../hooks/running-trainer.js'
import { linear, toyOptions, valuesOf } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'

/** Draws by the sum of the trunk's weights at the beginning of an epoch. */
function run(compile: boolean, steps = 4) {
  const asked: BatchPosition[] = []
  const trunk = linear('trunk', 6, 5, 1)
  let sum = 0
  const sampler: BatchSampler & Stateful = {
    name: 'looking',
    batchSize: 8,
    batchesPerEpoch: steps,
    async prepare(from) {
      asked.push(from)
      if (from.batch > 0) return
      const [total] = await tf.sum([...trunk.parameters.values()][0]!).data()
      sum = Math.round(total! * 1e4)
    },
    batch({ seed, epoch, batch }) {
      const random = Random.at(seed, 'looking', epoch, batch, sum)
      return Int32Array.from({ length: 8 }, () => random.int(32))
    },
    statistics: () => ({ sum, nothing: NaN }),
    state: () => ({ values: { sum } }),
    restore({ values }) {
      sum = values!['sum'] as number
    },
  }
  const rows: string[] = []
  const logged: [tag: string, step: number, value: number][] = []
  const plugin = {
    name: 'watch',
    apply({ hooks }: Pick<Trainer, 'hooks'>) {
      hooks.batchEnd.tap({ name: 'watch' }, (step) => void rows.push(step.rows.join()))
      hooks.log.tap({ name: 'watch' }, (entry) => {
        if (entry.kind === 'scalar' && entry.tag.startsWith('train/sampler/')) logged.push([entry.tag, entry.step, entry.value])
      })
    },
  }
  return { trainer: new Trainer(toyOptions({ trunk, sampler, compile, logEverySteps: 3, plugins: [plugin] })), asked, rows, logged, sum: () => sum }
}

/** What would come out of a file. */
const saved = (state: RunState): RunState =>
  Object.fromEntries(
    Object.entries(state).map(([section, { values = {}, tensors = new Map<string, tf.Tensor>() }]) => [
      section,
      { values: JSON.parse(JSON.stringify(values)) as Record<string, Plain>, tensors: new Map([...tensors].map(([name, tensor]) => [name, tf.tensor(tensor.dataSync(), tensor.shape, tensor.dtype)])) },
    ]),
  )

describe('A sampler that prepares', () => {
  it('has what it measured logged at looks', async () => {
    const { trainer, logged, sum } = run(false)
    await trainer.train({ epochs: 1 })
    expect(logged).toEqual([3, 4].map((step) => ['train/sampler/sum', step, sum()]))
  })

  it('does so before the first batch of each epoch, with the model as the last one left it', async () => {
    const { trainer, asked, rows, sum } = run(false)
    await trainer.train({ epochs: 1 })
    const first = sum()
    await trainer.train({ epochs: 3 })
    expect(asked).toEqual([1, 2, 3].map((epoch) => ({ seed: 0, epoch, batch: 0 })))
    expect(sum()).not.toBe(first)
    expect(new Set(rows).size).toBe(12)
  })

  it.each([true, false])('goes on from any step with what the epoch began with, bit for bit (compile: %s)', async (compile) => {
    const whole = run(compile)
    await whole.trainer.train({ epochs: 3 })
    for (const stopAt of [2, 4, 7]) {
      const first = run(compile)
      for await (const { step } of first.trainer.steps({ epochs: 3 })) if (step === stopAt) break
      const second = run(compile)
      await second.trainer.restore(saved(await first.trainer.state()))
      await second.trainer.train({ epochs: 3 })
      // After the last step of an epoch that was left there, only its end is to come.
      expect(second.asked[0]).toEqual(stopAt % 4 === 0 ? { seed: 0, epoch: 2, batch: 0 } : { seed: 0, epoch: Math.ceil(stopAt / 4), batch: stopAt % 4 })
      expect([...first.rows, ...second.rows]).toEqual(whole.rows)
      expect(valuesOf(second.trainer)).toEqual(valuesOf(whole.trainer))
    }
  })

  it('ends the run where it fails', async () => {
    const options = toyOptions()
    const sampler: BatchSampler = { ...options.sampler, prepare: () => Promise.reject(new Error('no embedding')) }
    await expect(new Trainer({ ...options, sampler }).train({ epochs: 1 })).rejects.toThrow('no embedding')
  })
})
