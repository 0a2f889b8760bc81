import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { StateError, type Loss } from '@metric-learning/contracts'
import { SGD } from '../optimizers/sgd.js'
import type { Plugin } from '../plugin.js'
import { metricLossOnly } from '../schemes/metric-loss-only.js'
import type { Scheme, Update } from '../schemes/scheme.js'
import { toyOptions } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'

const towardsOne = (name: string): Loss => ({ name, parameters: new Map(), compute: (x) => tf.mean(tf.square(tf.sub(x, 1))) })
const shared = { loss: towardsOne('shared') }

/** The trunk in epoch 1, the embedder in epoch 2, both in epoch 3. */
function inTurns(change: Partial<Record<'trunk' | 'embedder' | 'both', Partial<Update>>> = {}) {
  const { trunk, embedder, ...rest } = toyOptions()
  const scheme: Scheme = {
    ...metricLossOnly({ trunk, embedder: embedder! }),
    updates: [
      { name: 'trunk', modules: ['trunk'], objectives: [shared], isActive: (epoch) => epoch === 1, ...change.trunk },
      { name: 'embedder', modules: ['embedder'], objectives: [{ loss: towardsOne('own') }], isActive: (epoch) => epoch === 2, ...change.embedder },
      { name: 'both', modules: ['trunk', 'embedder'], objectives: [shared], isActive: (epoch) => epoch === 3, ...change.both },
    ],
  }
  const optimizers = { trunk: new SGD({ learningRate: 0.01, momentum: 0.9 }), embedder: new SGD({ learningRate: 0.01, momentum: 0.9 }) }
  return { ...rest, objectives: [], scheme, optimizers }
}

const exchanging: Plugin = { name: 'exchanging', apply: ({ hooks }) => hooks.exchange.tap({ name: 'exchanging' }, () => undefined) }

describe.each<[string, object]>([
  ['compiled', {}],
  ['eager', { compile: false }],
  ['in two phases', { plugins: [exchanging] }],
  ['in chunks', { chunkSize: 4 }],
])('Updates that are active in some epochs, %s', (_, options) => {
  it('change their own modules then, and cost nothing otherwise', async () => {
    const trainer = new Trainer({ ...inTurns(), ...options })
    const values = () => [...trainer.parameters.values()].map((variable) => [...variable.dataSync()])
    const seen: { readonly changed: readonly boolean[]; readonly terms: readonly string[] }[] = []
    let before = values()
    let terms: string[] = []
    for (let epochs = 1; epochs <= 3; epochs++) {
      for await (const { losses } of trainer.steps({ epochs })) terms = Object.keys(await losses())
      const after = values()
      seen.push({ changed: after.map((now, i) => String(now) !== String(before[i])), terms })
      before = after
    }
    expect(seen).toEqual([
      { changed: [true, false], terms: ['shared'] },
      // The trunk would go on by its momentum, were its optimizer asked.
      { changed: [false, true], terms: ['own'] },
      { changed: [true, true], terms: ['shared'] },
    ])
    const tensors = tf.memory().numTensors
    await expect(trainer.train({ epochs: 4 })).rejects.toThrow(StateError)
    await expect(trainer.train({ epochs: 4 })).rejects.toThrow('Scheme MetricLossOnly: wanted an update that is active in epoch 4, got none of trunk, embedder, both.')
    expect(tf.memory().numTensors).toBeLessThanOrEqual(tensors)
  })
})

it('refuses an objective twice where both may be judged in one step', () => {
  const { isActive: _, ...always } = inTurns().scheme.updates![2]!
  const options = inTurns()
  const [first] = options.scheme.updates!
  expect(() => new Trainer({ ...options, scheme: { ...options.scheme, updates: [first!, always] } })).toThrow('wanted objectives with names of their own, got "shared" twice')
  expect(() => new Trainer(inTurns({ trunk: { objectives: [shared, shared] } }))).toThrow('got "shared" twice')
})
