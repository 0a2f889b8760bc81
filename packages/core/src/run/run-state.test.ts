import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it, vi } from 'vitest'
import { StateError, type Loss, type Miner, type State, type TripletSelection } from '@metric-learning/contracts'
import { asRelations, drawIntegers, drawPosition, Scheduled, stepCompiler } from '@metric-learning/ops'
import type { RunState } from '../hooks/running-trainer.js'
import { Adam } from '../optimizers/adam.js'
import { SGD } from '../optimizers/sgd.js'
import type { Plugin } from '../plugin.js'
import { centreLoss, clusters, everyRow, linear, toyOptions, valuesOf } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'

/** What would come out of a file. */
function saved(state: RunState): RunState {
  return Object.fromEntries(
    Object.entries(state).map(([section, { values, tensors }]): [string, State] => [
      section,
      {
        ...(values && { values: JSON.parse(JSON.stringify(values)) as NonNullable<State['values']> }),
        ...(tensors && { tensors: new Map([...tensors].map(([name, tensor]) => [name, tf.tensor(tensor.dataSync(), tensor.shape, tensor.dtype)])) }),
      },
    ]),
  )
}

const omit = (state: RunState, section: string): RunState => Object.fromEntries(Object.entries(state).filter(([name]) => name !== section))

/** A run that counts what it sees in a plugin with a state, and logs each loss. */
function run(compile: boolean) {
  const losses: number[] = []
  let seen = 0
  const counter: Plugin = {
    name: 'counter',
    apply({ hooks }) {
      hooks.batchEnd.tapPromise({ name: 'counter' }, async ({ loss }) => {
        seen += 1
        losses.push(await loss())
      })
    },
    state: () => ({ values: { seen } }),
    restore({ values }) {
      seen = values!['seen'] as number
    },
  }
  const weight = new Scheduled(1, 'weight')
  const options = toyOptions({
    compile,
    objectives: [{ loss: centreLoss(), weight }],
    optimizers: { trunk: new Adam({ learningRate: 0.01 }), embedder: new SGD({ learningRate: 0.02, momentum: 0.9 }) },
    plugins: [counter],
  })
  return { trainer: new Trainer(options), losses, weight, seen: () => seen }
}

describe('The state of a run', () => {
  it('that can not be restored as a whole leaves all as it was, on the host and on the device', async () => {
    const make = (value: number, restore: () => void) => {
      const weight = new Scheduled(value, 'weight')
      const stubborn: Plugin = { name: 'stubborn', apply: () => undefined, state: () => ({ values: {} }), restore }
      return { weight, trainer: new Trainer(toyOptions({ objectives: [{ loss: centreLoss(), weight }], plugins: [stubborn] })) }
    }
    const [one, other] = [
      make(0.9, () => undefined),
      make(0.2, () => {
        throw new RangeError('not this one')
      }),
    ]
    await expect(other.trainer.restore(saved(await one.trainer.state()))).rejects.toThrow('not this one')
    expect([other.weight.value, other.weight.tensor.dataSync()[0]]).toEqual([0.2, Math.fround(0.2)])
    await one.trainer.restore(saved(omit(await one.trainer.state(), 'emptySelections')))
  })

  it.each([true, false])('counts the draws within a step: losses and miners have the position that seed, epoch and batch give (compile: %s)', async (compile) => {
    const draws: number[][] = []
    const positions: number[][] = []
    const make = () => {
      const centre = centreLoss()
      const drawn = (by: string, position: tf.Tensor1D) => tf.mean(tf.cast(drawIntegers(3, { position, purpose: by, seed: 0 }), 'float32'))
      const loss: Loss = { ...centre, compute: (x, labels, { position, selection } = {}) => tf.tidy(() => {
        const mined = (selection as TripletSelection).weights
        return tf.add(centre.compute(x, labels), tf.mul(tf.add(drawn('loss', position!), tf.sum(mined)), 1e-9))
      }) }
      const miner: Miner = {
        name: 'drawing',
        mine: (_, labels, { position } = {}) => {
          if (!compile) positions.push([...position!.dataSync()])
          const { positiveIndex } = asRelations(labels)
          return { kind: 'triplets', positiveIndex, weights: tf.mul(tf.ones([...positiveIndex.shape, 1]), drawn('miner', position!)) as tf.Tensor3D }
        },
      }
      const values: number[] = []
      draws.push(values)
      const recorder: Plugin = { name: 'recorder', apply: ({ hooks }) => {
        hooks.batchEnd.tapPromise({ name: 'recorder' }, async ({ loss: of }) => {
          values.push(await of())
        })
      } }
      return new Trainer(toyOptions({ compile: compile && 'require', seed: 5, objectives: [{ loss, miner }], plugins: [recorder] }))
    }
    const whole = make()
    await whole.train({ epochs: 3 })
    const steps = Array.from({ length: 12 }, (_, step) => [...drawPosition(5, 1 + Math.floor(step / 4), step % 4)])
    expect(positions).toEqual(compile ? [] : steps)
    const first = make()
    for await (const { step } of first.steps({ epochs: 3 })) if (step === 6) break
    const second = make()
    await second.restore(saved(await first.state()))
    await second.train({ epochs: 3 })
    expect([...draws[1]!, ...draws[2]!]).toEqual(draws[0])
    for (const trainer of [whole, first, second]) trainer.dispose()
  })

  it.each([true, false])('goes on from any step as if nothing had happened, bit for bit (compile: %s)', async (compile) => {
    const whole = run(compile)
    whole.weight.value = 0.5
    await whole.trainer.train({ epochs: 3 })
    for (const stopAt of [1, 4, 6, 11]) {
      const first = run(compile)
      first.weight.value = 0.5
      for await (const { step } of first.trainer.steps({ epochs: 3 })) if (step === stopAt) break
      const second = run(compile)
      await second.trainer.restore(saved(await first.trainer.state()))
      await second.trainer.train({ epochs: 3 })
      expect([...first.losses, ...second.losses]).toEqual(whole.losses)
      expect(valuesOf(second.trainer)).toEqual(valuesOf(whole.trainer))
      expect([second.trainer.step, second.seen(), second.weight.value]).toEqual([12, 12, 0.5])
      expect(second.trainer.position).toEqual({ epoch: 3, batch: 0 })
    }
  })

  it('is not restored when its run has moved on, unless its tensors were copied', async () => {
    const { trainer } = run(true)
    await trainer.train({ epochs: 1 })
    const wanted = valuesOf(trainer)
    const state = await trainer.state()
    const copied = Object.fromEntries(Object.entries(state).map(([name, { values, tensors }]): [string, State] => [name, { ...(values && { values }), ...(tensors && { tensors: new Map([...tensors].map(([key, tensor]) => [key, tf.clone(tensor)])) }) }]))
    await trainer.restore(state)
    await trainer.restore(await trainer.state())
    await trainer.train({ epochs: 2 })
    const moved = valuesOf(trainer)
    expect(moved).not.toEqual(wanted)
    await expect(trainer.restore(state)).rejects.toThrow(StateError)
    await expect(trainer.restore(state)).rejects.toThrow(
      'Trainer.restore: wanted a state with the values that its run had when it was taken, got one of step 4 of epoch 1, whose tensors are those of a run that is at step 8 of epoch 2 by now. Take copies of its tensors at once',
    )
    expect(valuesOf(trainer)).toEqual(moved)
    await trainer.restore(copied)
    expect(valuesOf(trainer)).toEqual(wanted)
    tf.dispose(Object.values(copied).flatMap(({ tensors = new Map<string, tf.Tensor>() }) => [...tensors.values()]))
  })

  it('has slots before the first step, and all that changes in named sections', async () => {
    const { trainer } = run(false)
    const state = await trainer.state()
    expect(Object.keys(state)).toEqual([
      'trainer', 'modules.trunk', 'modules.embedder', 'losses.centre', 'optimizers.trunk', 'optimizers.embedder', 'optimizers.losses.centre', 'scheduled', 'plugins.counter',
    ])
    expect(state['trainer']!.values).toEqual({
      seed: 0,
      epoch: 0,
      batch: 0,
      step: 0,
      sampler: { batchSize: 8, batchesPerEpoch: 4, sampleCount: 32 },
      frozen: [],
      evaluated: -1,
      owners: {},
      labels: expect.any(Number) as number,
      classes: expect.any(Number) as number,
      made: {
        parts: {
          scheme: 'MetricLossOnly', 'modules.trunk': 'trunk', 'modules.embedder': 'embedder', 'objectives.centre.loss': 'centre',
          'optimizers.trunk': 'Adam', 'optimizers.embedder': 'SGD', 'optimizers.losses.centre': 'Adam', sampler: 'everyRow',
        },
        options: expect.objectContaining({ precision: 'float32', 'objectives.centre.weight': 1, 'optimizers.trunk.rate': 0.01, 'sampler.batchSize': 8 }) as never,
      },
    })
    expect([...state['optimizers.trunk']!.tensors!.keys()]).toEqual(['correction1', 'correction2', 'trunk.weight.m', 'trunk.weight.v'])
    expect(state['scheduled']!.values).toEqual({ 'objectives.centre.weight': 1 })
  })

  it('says what does not fit, and changes nothing then', async () => {
    const { trainer } = run(false)
    const before = valuesOf(trainer)
    const state = saved(await trainer.state())
    const without = omit(state, 'losses.centre')
    await expect(trainer.restore(without)).rejects.toThrow('Trainer.restore: wanted the state of a run with the same parts, got none of losses.centre')
    await expect(trainer.restore({ ...state, 'modules.classifier': {} })).rejects.toThrow('one of modules.classifier, which this run has not')
    await expect(trainer.restore({ ...state, trainer: { values: { ...state['trainer']!.values, seed: 3 } } })).rejects.toThrow('wanted a run of seed 0, got one of seed 3')
    await expect(trainer.restore({})).rejects.toThrow('seed, epoch, batch and step')
    expect(valuesOf(trainer)).toEqual(before)
    const sgd = new SGD({ learningRate: 0.02, momentum: 0.9 })
    const other = new Trainer(toyOptions({ trunk: linear('trunk', 6, 5, 9), embedder: linear('embedder', 5, 4, 1), optimizers: { embedder: sgd } }))
    const ofOther = valuesOf(other)
    await expect(other.restore(omit(omit(state, 'scheduled'), 'plugins.counter'))).rejects.toThrow('modules.embedder: wanted "weight" as float32 [5, 4], got float32 [5, 3]')
    expect(valuesOf(other)).toEqual(ofOther)
    const dataset = clusters()
    const otherBatches = new Trainer(toyOptions({ dataset, sampler: everyRow(dataset, 4) }))
    await expect(otherBatches.restore(state)).rejects.toThrow('wanted a run with 8 batches of 4 in an epoch, of 32 samples, got one with 4 batches of 8 in an epoch, of 32 samples')
  })

  it('is of a run with the same parts: another loss, miner, distance, objective, module or sampler is another run', async () => {
    const part = (name: string, more: object = {}) => ({ name, mine: () => undefined as never, ...more })
    const plain = (name: string, more: object = {}): Loss => ({ name, parameters: new Map(), compute: (x) => tf.mean<tf.Scalar>(tf.square(x)), ...more })
    const of = (options: Parameters<typeof toyOptions>[0]) => new Trainer(toyOptions(options))
    const objective = { loss: plain('TripletMarginLoss', { distance: part('LpDistance') }), name: 'metric' }
    const state = saved(await of({ objectives: [objective] }).state())
    const dataset = clusters()
    const others: [Parameters<typeof toyOptions>[0], string][] = [
      [{ objectives: [{ ...objective, loss: plain('ContrastiveLoss') }] }, 'got objectives.metric.loss, which was TripletMarginLoss and is ContrastiveLoss. Make'],
      [{ objectives: [{ ...objective, miner: part('PairMiner') }] }, 'got objectives.metric.miner, which was not there and is PairMiner. Make'],
      [{ objectives: [{ ...objective, name: 'triplet' }] }, 'got objectives.metric.loss, which was TripletMarginLoss and is not there; objectives.triplet.loss, which was not there and is TripletMarginLoss. Make'],
      [{ objectives: [{ ...objective, loss: plain('TripletMarginLoss', { distance: part('CosineSimilarity') }) }] }, 'got objectives.metric.loss.distance, which was LpDistance and is CosineSimilarity. Make'],
      [{ objectives: [objective], trunk: { ...linear('trunk', 6, 5, 1), name: 'MLP' } }, 'got modules.trunk, which was trunk and is MLP. Make'],
      [{ objectives: [objective], dataset, sampler: { ...everyRow(dataset), name: 'random' } }, 'got sampler, which was everyRow and is random. Make'],
      [{ objectives: [objective], optimizers: { trunk: new SGD() } }, 'got optimizers.trunk, which was Adam and is SGD. Make'],
    ]
    for (const [options, message] of others) {
      const trainer = of(options)
      const before = valuesOf(trainer)
      await expect(trainer.restore(state)).rejects.toThrow(`Trainer.restore: wanted a run with the same parts, ${message}`)
      expect(valuesOf(trainer)).toEqual(before)
    }
    await of({ objectives: [objective] }).restore(state)
  })

  it('warns of each option that is not what it was', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const of = (margin: number, learningRate: number, beta1: number, weight?: number) => {
      const loss = { ...centreLoss(), margin, distance: { name: 'LpDistance', p: 2 } }
      return new Trainer(toyOptions({ objectives: [{ loss, ...(weight !== undefined && { weight }) }], optimizers: { trunk: new Adam({ learningRate, beta1 }) } }))
    }
    const state = saved(await of(0.05, 0.01, 0.9).state())
    await of(0.05, 0.01, 0.9).restore(state)
    expect(warn).not.toHaveBeenCalled()
    await of(0.1, 0.001, 0.8, 0.5).restore(state)
    expect(warn.mock.calls).toEqual([[
      'The run that is restored had other options: objectives.centre.loss.margin was 0.05 and is 0.1; ' +
        'optimizers.trunk.rate was 0.01 and is 0.001 (scheduled: the saved value goes on); ' +
        'optimizers.trunk.settings.beta1 was 0.9 and is 0.8; objectives.centre.weight was not there and is 0.5.',
    ]])
    warn.mockRestore()
  })

  it('warns of settings of plugins that are not what they were', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const of = (settings?: Plugin['settings']) => new Trainer(toyOptions({ plugins: [settings && { name: 'clip', settings, apply: () => undefined }] }))
    const state = saved(await of({ maxNorm: 1, rate: new Scheduled(0.5) }).state())
    await of({ maxNorm: 1, rate: new Scheduled(0.5), of: undefined }).restore(state)
    expect(warn).not.toHaveBeenCalled()
    await of().restore(state)
    expect(warn.mock.calls.flat().filter((text) => String(text).includes('other options'))).toEqual([])
    warn.mockClear()
    await of({ maxValue: 2, rate: new Scheduled(0.5) }).restore(state)
    expect(warn.mock.calls).toEqual([['The run that is restored had other options: plugins.clip.settings.maxNorm was 1 and is not there; plugins.clip.settings.maxValue was not there and is 2.']])
    warn.mockRestore()
  })

  it('is of a run with the same labels, tensors and scheduled numbers', async () => {
    const dataset = clusters()
    const state = saved(await new Trainer(toyOptions({ dataset })).state())
    const turned = { ...dataset, labels: dataset.labels.map((label) => 3 - label) }
    await expect(new Trainer(toyOptions({ dataset: turned })).restore(state)).rejects.toThrow('wanted a run on samples with the same labels, got one on others')
    // The same integers for other classes.
    const renamed = { ...clusters(), classNames: ['b', 'a', 'c', 'd'] }
    await expect(new Trainer(toyOptions({ dataset: renamed })).restore(state)).rejects.toThrow('wanted a run on classes of the same names, got one whose labels stand for others')
    const wider = { ...state, 'modules.trunk': { tensors: new Map([...state['modules.trunk']!.tensors!, ['bias', tf.zeros([5])]]) } }
    await expect(new Trainer(toyOptions()).restore(wider)).rejects.toThrow('modules.trunk: wanted only weight, as it has now, got "bias" too')
    const { trainer } = run(false)
    const more = await trainer.state()
    await expect(trainer.restore({ ...more, scheduled: { values: { 'objectives.centre.weight': 1, 'objectives.centre.loss.margin': 2 } } })).rejects.toThrow(
      'Scheduled numbers: wanted only objectives.centre.weight, as it has now, got "objectives.centre.loss.margin" too',
    )
  })

  it('has every scheduled number in public fields: of the sampler, its miner, the data set, optimizers, plugins', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const make = (value: number, plugins: readonly ('clip' | 'other')[] = ['clip']) => {
      const numbers: Record<string, Scheduled> = {}
      const number = (name: string) => (numbers[name] = new Scheduled(value, name))
      const dataset = { ...clusters(), augmentation: { strength: number('strength') } }
      const sampler = { ...everyRow(dataset), temperature: number('temperature'), miner: { name: 'miner', epsilon: number('epsilon') } }
      const trunk = Object.assign(new Adam({ learningRate: number('rate') }), { decay: number('decay') })
      const made = plugins.map((name) => ({ name, apply: () => undefined, limit: number(name) }) as Plugin)
      return { numbers, trainer: new Trainer(toyOptions({ dataset, sampler, optimizers: { trunk }, plugins: made })) }
    }
    const [first, second] = [make(1), make(2)]
    const { trainer } = first
    expect([...trainer.scheduled.keys()]).toEqual(['optimizers.trunk.decay', 'sampler.temperature', 'sampler.miner.epsilon', 'dataset.augmentation.strength', 'plugins.clip.limit'])
    const state = saved(await trainer.state())
    await second.trainer.restore(state)
    expect(Object.entries(second.numbers).map(([name, { value, tensor }]) => [name, value, tensor.dataSync()[0]])).toEqual(Object.keys(second.numbers).map((name) => [name, 1, 1]))
    // The number of a plugin comes and goes with it.
    warn.mockClear()
    const third = make(3, ['other'])
    await third.trainer.restore(state)
    expect(third.numbers['other']!.value).toBe(3)
    expect(warn.mock.calls.flat().join()).toMatch(/plugins.other.scheduled is new and begins anew.*plugins.clip.scheduled is not there any more/)
    warn.mockRestore()
  })

  it('of before parts and labels were kept can still be put back', async () => {
    const state = saved(await new Trainer(toyOptions()).state())
    const values: Record<string, unknown> = { ...state['trainer']!.values }
    delete values['labels']
    delete values['made']
    await new Trainer(toyOptions()).restore({ ...state, trainer: { values: values as never } })
  })

  it('is not put back while an epoch is under way', async () => {
    const { trainer } = run(false)
    const state = saved(await trainer.state())
    for await (const { step } of trainer.steps({ epochs: 1 })) {
      await expect(trainer.restore(state)).rejects.toThrow('wanted to be called before training, in hooks.setup, or between two calls of `train`, got a call in epoch 1')
      if (step === 1) break
    }
    await trainer.restore(state)
    expect(trainer.position).toEqual({ epoch: 0, batch: 0 })
  })

  it('keeps which parameters are frozen, and that the evaluation before training is done', async () => {
    let evaluations = 0
    const tester = (): Plugin => ({ name: 'tester', apply: ({ hooks }) => hooks.evaluate.tap({ name: 'tester' }, () => void (evaluations += 1)) })
    const first = new Trainer(toyOptions({ plugins: [tester()] }))
    first.parameters.get('trunk.weight')!.trainable = false
    await first.train({ epochs: 0 })
    const second = new Trainer(toyOptions({ plugins: [tester()] }))
    await second.restore(saved(await first.state()))
    expect([...second.parameters].filter(([, { trainable }]) => !trainable).map(([name]) => name)).toEqual(['trunk.weight'])
    await second.train({ epochs: 0 })
    expect(evaluations).toBe(1)
  })

  it('refuses the state of another optimizer, or of other parameters', () => {
    const [adam, sgd] = [new Adam(), new SGD({ momentum: 0.9 })]
    const parameters = new Map([['w', tf.variable(tf.zeros([2]))]])
    adam.prepare(parameters)
    sgd.prepare(parameters)
    expect(() => sgd.restore(adam.state())).toThrow('SGD: wanted "w.momentum" as [2], as the parameters have it, got none')
    expect(() => new SGD().restore(adam.state())).toThrow('SGD: wanted the state of a SGD, with its learning rate, got Adam')
    const wider = new Adam()
    wider.prepare(new Map([['w', tf.variable(tf.zeros([3]))]]))
    expect(() => wider.restore(adam.state())).toThrow('Adam: wanted "w.m" as [3], as the parameters have it, got [2]')
  })

  it('lets plugins come and go, with a warning', async () => {
    const { trainer } = run(false)
    const state = saved(await trainer.state())
    const without = omit(state, 'plugins.counter')
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    await trainer.restore({ ...without, 'plugins.other': { values: {} } })
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/plugins\.counter is new and begins anew; plugins\.other is not there any more/))
    warn.mockRestore()
  })

  it('fires save before it is taken, and restored when it is back', async () => {
    const events: string[] = []
    const watch: Plugin = {
      name: 'watch',
      apply({ hooks }) {
        hooks.save.tap({ name: 'watch' }, ({ step }) => {
          events.push(`save ${step}`)
        })
        hooks.restored.tap({ name: 'watch' }, ({ epoch, step }) => {
          events.push(`restored ${epoch} ${step}`)
        })
      },
    }
    const trainer = new Trainer(toyOptions({ plugins: [watch] }))
    for await (const { step } of trainer.steps({ epochs: 2 })) if (step === 6) break
    const state = saved(await trainer.state())
    const again = new Trainer(toyOptions({ plugins: [{ ...watch }] }))
    await again.restore(state)
    expect(events).toEqual(['save 6', 'restored 2 6'])
  })
})

describe('A run that was cut short', () => {
  it('has the rest of its epoch, and its evaluation, when it goes on', async () => {
    const events: string[] = []
    const plugin: Plugin = {
      name: 'plugin',
      apply({ hooks }) {
        hooks.epochStart.tap({ name: 'plugin' }, ({ epoch, stepInEpoch }) => {
          events.push(`epoch ${epoch} from ${stepInEpoch}`)
        })
        hooks.batchEnd.tap({ name: 'plugin' }, ({ trainer, step }) => {
          events.push(`step ${step}`)
          if (step === 2) trainer.stop('enough')
        })
        hooks.evaluate.tap({ name: 'plugin' }, ({ epoch }) => {
          events.push(`evaluation ${epoch}`)
          return undefined
        })
        hooks.epochEnd.tap({ name: 'plugin' }, ({ epoch }) => {
          events.push(`end ${epoch}`)
        })
      },
    }
    const trainer = new Trainer(toyOptions({ plugins: [plugin] }))
    await trainer.train({ epochs: 1 })
    expect([trainer.stopReason, trainer.position]).toEqual(['enough', { epoch: 0, batch: 2 }])
    await trainer.train({ epochs: 1 })
    expect([trainer.stopReason, trainer.position]).toEqual([undefined, { epoch: 1, batch: 0 }])
    expect(events).toEqual([
      'evaluation 0', 'epoch 1 from 0', 'step 1', 'step 2', 'epoch 1 from 2', 'step 3', 'step 4', 'evaluation 1', 'end 1',
    ])
  })

  it('evaluates again where an evaluation failed, without another step', async () => {
    let fails = true
    const tester: Plugin = {
      name: 'tester',
      apply({ hooks }) {
        hooks.evaluate.tap({ name: 'tester' }, ({ epoch }) => {
          if (epoch === 1 && fails) throw new Error('no memory')
          return undefined
        })
      },
    }
    const trainer = new Trainer(toyOptions({ plugins: [tester] }))
    await expect(trainer.train({ epochs: 1 })).rejects.toThrow('Plugin "tester" in hooks.evaluate: wanted to finish, got no memory')
    expect([trainer.step, trainer.position]).toEqual([4, { epoch: 0, batch: 4 }])
    fails = false
    await trainer.train({ epochs: 1 })
    expect([trainer.step, trainer.position]).toEqual([4, { epoch: 1, batch: 0 }])
  })

  it('ends cleanly when its loop is left, and gives every loss to whoever asks', async () => {
    const ends: (string | undefined)[] = []
    const plugin: Plugin = {
      name: 'plugin',
      apply({ hooks }) {
        hooks.done.tap({ name: 'plugin' }, ({ stopReason }) => {
          ends.push(stopReason)
        })
      },
    }
    const dataset = clusters()
    const trainer = new Trainer(toyOptions({ dataset, sampler: everyRow(dataset), plugins: [plugin] }))
    const losses: number[] = []
    for await (const { loss, step } of trainer.steps({ epochs: 5 })) {
      losses.push(await loss())
      if (step === 3) break
    }
    expect(losses).toHaveLength(3)
    expect(losses.every(Number.isFinite)).toBe(true)
    expect(ends).toEqual(['the loop over its steps was left'])
    for await (const { step } of trainer.steps({ epochs: 1 })) expect(step).toBe(4)
    expect(ends).toEqual(['the loop over its steps was left', undefined])
  })
})

describe.runIf(stepCompiler())('Optimizers of a trainer', () => {
  it('are freed where it made them, and left alone where they were given', () => {
    const given = new Adam()
    const parts = toyOptions()
    const before = tf.memory().numTensors
    const trainer = new Trainer({ ...parts, optimizers: { trunk: given } })
    expect([...trainer.optimizers.keys()]).toEqual(['trunk', 'embedder', 'losses.centre'])
    trainer.dispose()
    given.learningRate = 0.5
    expect(given.slots.size).toBe(4)
    given.dispose()
    // But for the learning rate of `given`, which was there before.
    expect(tf.memory().numTensors).toBe(before - 1)
  })

  it('are one for each group', () => {
    const shared = new Adam()
    expect(() => new Trainer(toyOptions({ optimizers: { trunk: shared, embedder: shared } }))).toThrow('wanted an optimizer of its own for each group of parameters, got one for trunk and embedder')
    const loss = centreLoss()
    expect(() => new Trainer(toyOptions({ objectives: [{ name: 'a', loss }, { name: 'b', loss }] }))).toThrow('wanted parameters that belong to one module or loss each, got one for losses.a and losses.b')
    const memory = { name: 'memory', parameters: new Map(), buffers: new Map([['count', tf.variable(tf.scalar(0))]]), compute: (x: tf.Tensor) => tf.mean(x) as tf.Scalar }
    const within = { ...memory, name: 'within', buffers: new Map([['loss.count', memory.buffers.get('count')!]]) }
    expect(() => new Trainer(toyOptions({ objectives: [{ name: 'a', loss: memory }, { name: 'b', loss: memory }] }))).toThrow('wanted buffers that belong to one loss each, got one for losses.a and losses.b')
    expect(() => new Trainer(toyOptions({ objectives: [{ loss: memory }, { loss: within }] }))).toThrow('got one for losses.memory and losses.within. Make a second object')
    tf.dispose([...memory.buffers.values()])
    const plain = { name: 'mean', parameters: new Map(), compute: (x: tf.Tensor) => tf.mean(x) as tf.Scalar }
    expect(() => new Trainer(toyOptions({ objectives: [{ loss: plain, optimizer: shared }] }))).toThrow('wanted no optimizer for losses.mean, which has no parameters, got one')
    expect(() => new Trainer(toyOptions({ optimizers: { head: shared } }))).toThrow('wanted `optimizers` for trunk, embedder, or for paths of their parameters, got `head`')
    shared.dispose()
  })
})
