import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { OptionError, StateError, type Loss, type Module } from '@metric-learning/contracts'
import { Adam } from '../optimizers/adam.js'
import { metricLossOnly } from '../schemes/metric-loss-only.js'
import { centreLoss, linear, toyOptions } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'

describe('An optimizer', () => {
  it('is that of one trainer, until it is disposed, unless another has it for the same parameters', () => {
    const adam = new Adam()
    const { trunk } = toyOptions()
    const of = (optimizers: Readonly<Record<string, Adam>>) => new Trainer(toyOptions({ trunk, optimizers }))
    const [first] = [of({ trunk: adam }), of({ trunk: adam })]
    expect(() => of({ embedder: adam })).toThrow(OptionError)
    expect(() => of({ embedder: adam })).toThrow('Trainer: wanted optimizers of its own, got one for embedder that another trainer has for other parameters')
    first.dispose()
    expect(() => of({ embedder: adam })).toThrow(OptionError)
  })

  it('can be used again where no trainer could be made with it', () => {
    const adam = new Adam()
    const failing = { name: 'failing', apply: () => { throw new Error('on purpose') } }
    expect(() => new Trainer(toyOptions({ optimizers: { trunk: adam }, plugins: [failing] }))).toThrow('on purpose')
    new Trainer(toyOptions({ optimizers: { embedder: adam } }))
  })
})

describe('What is trained', () => {
  const epoch = (trainer: Trainer, epochs = 1) => trainer.train({ epochs })

  it.each<[string, () => Partial<ReturnType<typeof toyOptions>>]>([
    ['trunk.weight', () => ({ trunk: linear('trunk', 6, 5, 1) })],
    ['losses.centre.centres', () => ({ objectives: [{ loss: centreLoss() }] })],
    ['losses.centre.memory', () => ({ objectives: [{ loss: { ...centreLoss(), parameters: new Map(), buffers: new Map([['memory', tf.variable(tf.zeros([2]), false)]]), compute: (x: tf.Tensor2D) => tf.mean<tf.Scalar>(tf.square(x)) } satisfies Loss }] })],
  ])('is trained by one trainer, until that is disposed: %s', async (name, make) => {
    const shared = make()
    const [first, second] = [new Trainer(toyOptions(shared)), new Trainer(toyOptions(shared))]
    await epoch(first)
    await expect(epoch(second)).rejects.toThrow(StateError)
    await expect(epoch(second)).rejects.toThrow(`Trainer.train: wanted modules and losses that no other trainer trains, got ${name}, which another one has trained`)
    await epoch(first, 2)
    first.dispose()
    await epoch(second)
  })

  it('is not what is frozen', async () => {
    const trunk = linear('trunk', 6, 5, 1)
    await epoch(new Trainer(toyOptions({ trunk })))
    for (const variable of trunk.parameters.values()) variable.trainable = false
    await epoch(new Trainer(toyOptions({ trunk })))
  })

  it('has one name in a scheme, also where an update leaves it out', () => {
    const { trunk, embedder, dataset, sampler } = toyOptions()
    const plain = metricLossOnly({ trunk, embedder: embedder! })
    const update = { name: 'all', modules: ['trunk', 'embedder'], objectives: [{ loss: centreLoss() }] }
    const of = (teacher: Module) => () => new Trainer({ dataset, sampler, scheme: { ...plain, modules: { ...plain.modules, teacher }, updates: [update] } })
    expect(of(trunk)).toThrow('Trainer: wanted modules with parameters and buffers of their own, got one for trunk and teacher. Make a second object')
    of(linear('teacher', 6, 5, 1))()
  })
})
