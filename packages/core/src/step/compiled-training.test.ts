import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { BackendError, OptionError, type Loss, type Module } from '@metric-learning/contracts'
import { STEP_COMPILER, stepCompiler } from '@metric-learning/ops'
import { Adam } from '../optimizers/adam.js'
import type { RunOptions } from '../plan/run-options.js'
import type { Plugin } from '../plugin.js'
import type { PluginOptions } from '../plugin.js'
import { linear, toyOptions, valuesOf } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'

/** Reads a value back inside the step. */
const peeking: Loss = { name: 'peeking', parameters: new Map(), compute: (x) => tf.mul(tf.mean(x), tf.max(x).dataSync()[0]!) }

async function trainedWithout(compiler: string, options: Partial<RunOptions & PluginOptions>): Promise<void> {
  const config = tf.getKernel(compiler, tf.getBackend())
  if (config) tf.unregisterKernel(compiler, tf.getBackend())
  try {
    await new Trainer(toyOptions(options)).train({ epochs: 1 })
  } finally {
    if (config) tf.registerKernel(config)
  }
}

describe('Trainer and compiled steps', () => {
  it('freezes a parameter from the next step on when it is no longer trainable', async () => {
    const trainer = new Trainer(toyOptions())
    await trainer.train({ epochs: 2 })
    const weight = trainer.scheme.modules['trunk']!.parameters.get('weight')!
    weight.trainable = false
    const [trunk, embedder] = valuesOf(trainer)
    await trainer.train({ epochs: 4 })
    expect(valuesOf(trainer)[0]).toEqual(trunk)
    expect(valuesOf(trainer)[1]).not.toEqual(embedder)
  })

  it('takes the same steps compiled as eagerly', async () => {
    const run = async (compile: boolean) => {
      const trainer = new Trainer(toyOptions({ compile }))
      await trainer.train({ epochs: 5 })
      return valuesOf(trainer).map(([, ...numbers]) => numbers as number[])
    }
    const [compiled, eager] = [await run(true), await run(false)]
    compiled.forEach((numbers, i) => numbers.forEach((value, j) => expect(value).toBeCloseTo(eager[i]![j]!, 5)))
  })

  it('takes the same steps with a part that learns in some epochs alone, also where it goes on', async () => {
    const made = (compile: boolean) => {
      const [first, second] = [linear('trunk', 6, 5, 1), linear('trunk', 5, 5, 3)]
      const parameters = new Map([...first.parameters, ['second', [...second.parameters.values()][0]!]])
      const trunk: Module = { ...first, parameters, call: (x, mode) => second.call(first.call(x, mode), mode) }
      const resting: Plugin = {
        name: 'resting',
        apply: (trainer) => {
          trainer.hooks.epochStart.tap({ name: 'resting' }, ({ epoch }) => {
            parameters.get('second')!.trainable = ![1, 2, 5].includes(epoch)
            return undefined
          })
        },
      }
      return new Trainer(toyOptions({ compile, trunk, plugins: [resting], optimizers: { trunk: new Adam({ learningRate: 0.1 }), embedder: new Adam({ learningRate: 0.1 }) } }))
    }
    const numbers = (trainer: Trainer) => valuesOf(trainer).flatMap(([, ...values]) => values as number[])
    const eager = made(false)
    await eager.train({ epochs: 7 })
    const whole = made(true)
    await whole.train({ epochs: 7 })
    numbers(whole).forEach((value, i) => expect(value).toBeCloseTo(numbers(eager)[i]!, 4))
    const cut = made(true)
    await cut.train({ epochs: 4 })
    const resumed = made(true)
    await resumed.restore(await cut.state())
    await resumed.train({ epochs: 7 })
    expect(numbers(resumed)).toEqual(numbers(whole))
    expect([...whole.optimizers.get('trunk')!.slots.keys()]).toContain('correction1.1')
  })

  it('trains eagerly on a backend without a compiler, unless a compiled step is required', async () => {
    await trainedWithout(STEP_COMPILER, {})
    const required = trainedWithout(STEP_COMPILER, { compile: 'require' })
    await expect(required).rejects.toThrow(`wanted a backend that compiles steps, got the backend "${tf.getBackend()}"`)
    const mixed = trainedWithout(STEP_COMPILER, { precision: 'bfloat16' })
    await expect(mixed).rejects.toThrow("wanted a backend that compiles steps, for `precision: 'bfloat16'`")
    await expect(mixed).rejects.toBeInstanceOf(BackendError)
  })

  it('refuses values that an option does not have, and bfloat16 without compiled steps', () => {
    expect(() => new Trainer(toyOptions({ compile: 'always' as 'require' }))).toThrow("wanted `compile` to be true or 'require' or false, got always")
    expect(() => new Trainer(toyOptions({ precision: 'float16' as 'bfloat16' }))).toThrow("wanted `precision` to be 'float32' or 'bfloat16'")
    const eager = () => new Trainer(toyOptions({ precision: 'bfloat16', compile: false }))
    expect(eager).toThrow(OptionError)
    expect(eager).toThrow("wanted `compile` true or 'require' with `precision: 'bfloat16'`, got false")
  })

  it.runIf(stepCompiler())("fails where a step can't be captured and has to be: by 'require', and by bfloat16", async () => {
    for (const options of [{ precision: 'bfloat16' }, { compile: 'require' }] as const) {
      const trainer = new Trainer(toyOptions({ objectives: [{ loss: peeking }], ...options }))
      for (const epochs of [1, 2]) {
        await expect(trainer.train({ epochs })).rejects.toThrow('compileStep(training step): wanted a pure function of tensors')
      }
      trainer.dispose()
    }
  })
})
