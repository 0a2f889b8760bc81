import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { OptionError, ShapeError, type Loss, type Module } from '@metric-learning/contracts'
import { Adam } from '../optimizers/adam.js'
import type { Plugin } from '../plugin.js'
import { metricLossOnly } from '../schemes/metric-loss-only.js'
import type { Objective } from '../schemes/objective.js'
import type { Scheme, Update } from '../schemes/scheme.js'
import { linear, toyOptions } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'

const loss: Loss = { name: 'spread', parameters: new Map(), compute: (x) => tf.mean(tf.square(x)) }
const { trunk, embedder, ...rest } = toyOptions()
const plain = metricLossOnly({ trunk, embedder: embedder! })
const of = (objectives: readonly Objective[], scheme: Scheme = plain) => () => new Trainer({ ...rest, scheme, objectives })
const refused = (make: () => unknown, message: string) => {
  expect(make).toThrow(OptionError)
  expect(make).toThrow(message)
}

describe('An objective', () => {
  it('judges and mines on outputs that there are', () => {
    refused(of([{ loss, of: 'logits' }]), 'Objective "spread": wanted an output out of embeddings, features of MetricLossOnly, got "logits". Correct `of`, or have the scheme compute it and say so in its `outputs`.')
    refused(of([{ loss, against: 'otherEmbeddings' }]), 'got "otherEmbeddings". Correct `against`')
    const miner = { name: 'Miner', mine: () => undefined as never }
    refused(of([{ loss, miner, mineOn: { of: 'feature' } }]), 'got "feature". Correct `mineOn.of`')
  })

  it('judges outputs of the size that its loss takes, or a loss within that', () => {
    const sized: Loss = { ...loss, name: 'sized', inputSize: 4 }
    refused(of([{ loss: sized }]), 'Objective "sized": wanted an output of 4 numbers, for sized, got "embeddings" of MetricLossOnly, which has 3. Make the loss for that size')
    refused(of([{ loss: { ...loss, name: 'wrapper', nested: { loss: { loss: sized } } } }]), 'wanted an output of 4 numbers, for wrapper')
    of([{ loss: { ...sized, inputSize: 5 }, of: 'features' }, { loss }])()
  })

  it('compares outputs of one size, unless its loss takes others', () => {
    refused(of([{ loss, against: 'features' }]), 'Objective "spread": wanted outputs of one size to compare by spread, got "embeddings" of 3 and "features" of 5 numbers, of MetricLossOnly')
    of([{ loss: { ...loss, takesOtherSizes: true }, against: 'features' }])()
  })

  it('of an update is told the outputs of that', () => {
    const update: Update = { name: 'own', modules: ['trunk'], objectives: [{ loss, of: 'synthetic' }], outputs: { triplets: 3 }, forward: () => ({}) }
    refused(() => new Trainer({ ...rest, objectives: [], scheme: { ...plain, updates: [update] } }), 'wanted an output out of triplets of the update "own" of MetricLossOnly, got "synthetic"')
    // Of what is not known beforehand nothing is said.
    new Trainer({ ...rest, objectives: [], scheme: { ...plain, updates: [{ ...update, outputs: undefined as never }] } })
  })
})

describe('A module', () => {
  const tapping: Plugin = { name: 'adding', apply: ({ hooks }) => hooks.loss.tap({ name: 'adding' }, ({ outputs, add }) => { add('all', tf.mean(outputs['embeddings']!)) }) }

  it('is trained by some objective, as far as a scheme says what follows from it', () => {
    refused(of([{ loss, of: 'features' }]), 'Trainer, update "MetricLossOnly": wanted an objective that judges what embedder computes: embeddings, got "spread" of features. Have one judge that')
    of([{ loss, of: 'features', against: 'embeddings' }].map((objective) => ({ ...objective, loss: { ...loss, takesOtherSizes: true } })))()
    // What is not known beforehand, what a plugin adds, and what is frozen.
    of([{ loss, of: 'features' }], { ...plain, computedBy: undefined as never })()
    of([{ loss }], { ...plain, modules: { ...plain.modules, head: linear('head', 3, 3, 3) } })()
    of([{ loss, of: 'features' }], { ...plain, computedBy: { embeddings: ['trunk', 'embedder'] } })()
    new Trainer({ ...rest, scheme: plain, objectives: [{ loss, of: 'features' }], plugins: [tapping] })
    const frozen = linear('embedder', 5, 3, 2)
    for (const variable of frozen.parameters.values()) variable.trainable = false
    of([{ loss, of: 'features' }], metricLossOnly({ trunk: linear('trunk', 6, 5, 1), embedder: frozen }))()
  })
})

describe('A scheme', () => {
  it('is held to the outputs that it says it computes', async () => {
    const scheme: Scheme = { ...plain, outputs: { embeddings: 4, features: 5 } }
    const run = () => of([{ loss }], scheme)().train({ epochs: 1 })
    await expect(run()).rejects.toThrow(ShapeError)
    await expect(run()).rejects.toThrow('Scheme, forward of update "MetricLossOnly": wanted the output embeddings with 4 numbers in its last axis, as `outputs` says, got [8, 3]')
  })

  it('has something to change in each update', () => {
    const bare = (name: string): Module => ({ ...linear(name, 6, 6, 1), parameters: new Map() })
    const scheme = metricLossOnly({ trunk: bare('Resized') })
    refused(of([{ loss }], scheme), 'Scheme MetricLossOnly, update "MetricLossOnly": wanted parameters to change, got none in trunk (Resized), and none in spread.')
    // A part without parameters, beside one that has some, is right.
    of([{ loss }], metricLossOnly({ trunk: bare('Resized'), embedder: linear('embedder', 6, 3, 2) }))()
    refused(() => new Trainer({ ...rest, objectives: [{ loss }], scheme: metricLossOnly({ trunk: bare('Resized'), embedder: linear('embedder', 6, 3, 2) }), optimizers: { trunk: new Adam() } }), 'wanted no optimizer for trunk, which has no parameters, got one')
  })
})
