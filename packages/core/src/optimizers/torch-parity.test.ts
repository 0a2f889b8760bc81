import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { AdamW } from './adam-w.js'
import { Adam } from './adam.js'
import type { Optimizer, State } from '@metric-learning/contracts'
import { RMSprop } from './rms-prop.js'
import { SGD } from './sgd.js'

const start = { a: [[1, -2], [3, 0.5]], b: [0.1, 0.2, 0.3] }
const STEPS = 6

interface Case {
  readonly name: string
  readonly make: () => Optimizer
  /** a, then b, after six steps of torch.optim in PyTorch 2.13.0, in float64, with the gradients sin(a₀ + t) and cos(b₀ t). */
  readonly wanted: readonly number[]
}

const cases: readonly Case[] = [
  {
    name: 'Adam(lr=.05)',
    make: () => new Adam({ learningRate: 0.05 }),
    wanted: [0.85663884, -1.86715418, 3.07046934, 0.327521563, -0.199162171, -0.0953042331, 0.0164043963],
  },
  {
    name: 'Adam(lr=.05, weight_decay=.1)',
    make: () => new Adam({ learningRate: 0.05, weightDecay: 0.1 }),
    wanted: [0.83823633, -1.82794192, 2.96763283, 0.320048816, -0.198930685, -0.0949968872, 0.0164327453],
  },
  {
    name: 'AdamW(lr=.05)',
    make: () => new AdamW({ learningRate: 0.05 }),
    wanted: [0.85394251, -1.86145019, 3.06143913, 0.326347988, -0.199087342, -0.0955302428, 0.0158754806],
  },
  {
    name: 'AdamW(lr=.05, betas=(.8, .9), eps=1e-3, weight_decay=.1)',
    make: () => new AdamW({ learningRate: 0.05, beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.1 }),
    wanted: [0.8516934, -1.83259451, 2.97416156, 0.334733618, -0.197992002, -0.0965422441, 0.0144939391],
  },
  {
    name: 'SGD(lr=.1)',
    make: () => new SGD({ learningRate: 0.1 }),
    wanted: [1.01032538, -2.014112, 3.02076774, 0.4958461, -0.472905079, -0.29634722, -0.0835377028],
  },
  {
    name: 'SGD(lr=.1, weight_decay=.2)',
    make: () => new SGD({ learningRate: 0.1, weightDecay: 0.2 }),
    wanted: [0.907226707, -1.79591489, 2.6683438, 0.451292643, -0.45559969, -0.291884069, -0.0927206907],
  },
  {
    name: 'SGD(lr=.1, momentum=.9)',
    make: () => new SGD({ learningRate: 0.1, momentum: 0.9 }),
    wanted: [0.600054275, -1.64426687, 3.42552752, 0.0124091164, -1.63472409, -1.3967294, -1.08798976],
  },
  {
    name: 'SGD(lr=.1, momentum=.9, nesterov=True, weight_decay=.1)',
    make: () => new SGD({ learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
    wanted: [0.505879284, -1.33835091, 2.73960463, 0.0149564919, -1.93881386, -1.66275838, -1.28899807],
  },
  {
    name: 'RMSprop(lr=.05)',
    make: () => new RMSprop({ learningRate: 0.05 }),
    wanted: [0.694450599, -1.74570122, 2.97237014, -0.0514481879, -1.68948616, -1.45942461, -1.11021792],
  },
  {
    name: 'RMSprop(lr=.05, alpha=.9, eps=1e-4, weight_decay=.1, momentum=.5)',
    make: () => new RMSprop({ learningRate: 0.05, decay: 0.9, epsilon: 1e-4, weightDecay: 0.1, momentum: 0.5 }),
    wanted: [0.707233746, -1.67576641, 2.83437471, 0.0705631594, -0.918768837, -0.758404547, -0.54196554],
  },
  {
    name: 'RMSprop(lr=.05, alpha=.9, centered=True, momentum=.5)',
    make: () => new RMSprop({ learningRate: 0.05, decay: 0.9, centered: true, momentum: 0.5 }),
    wanted: [0.707732011, -1.75618736, 3.09296397, 0.00897177883, -1.10041341, -0.92359158, -0.671940573],
  },
]

/** b without weight decay, a with it: what PyTorch gives with the two as parameter groups of their own. */
const spared = ([decayed, plain]: readonly [string, string], make: Case['make'], name = `${decayed} of a`): Case => {
  const wantedOf = (name: string) => cases.find((one) => one.name === name)!.wanted
  return { name, make, wanted: [...wantedOf(decayed).slice(0, 4), ...wantedOf(plain).slice(4)] }
}
const sparing: readonly Case[] = [
  spared(['Adam(lr=.05, weight_decay=.1)', 'Adam(lr=.05)'], () => new Adam({ learningRate: 0.05, weightDecay: 0.1, weightDecayOf: 'matrices' })),
  spared(['AdamW(lr=.05)', 'Adam(lr=.05)'], () => new AdamW({ learningRate: 0.05, weightDecayOf: 'matrices' })),
  spared(['AdamW(lr=.05)', 'Adam(lr=.05)'], () => new AdamW({ learningRate: 0.05, weightDecayOf: ['a'] }), 'AdamW(lr=.05) of the path a'),
  spared(['SGD(lr=.1, weight_decay=.2)', 'SGD(lr=.1)'], () => new SGD({ learningRate: 0.1, weightDecay: 0.2, weightDecayOf: 'matrices' })),
]

/** The same where parameters have no gradient in some steps, as frozen ones: PyTorch counts the steps of each. */
const pausing: readonly (Case & { readonly learns: (name: string, step: number) => boolean })[] = [
  {
    name: 'Adam(lr=.05), b from step 3',
    make: () => new Adam({ learningRate: 0.05 }),
    learns: (name, step) => name === 'a' || step >= 3,
    wanted: [0.85663884, -1.86715418, 3.07046934, 0.327521563, -0.0497667735, 0.0518118293, 0.162503125],
  },
  {
    name: 'Adam(lr=.05), a not in steps 2 and 3',
    make: () => new Adam({ learningRate: 0.05 }),
    learns: (name, step) => name === 'b' || (step !== 2 && step !== 3),
    wanted: [0.885108601, -1.8807272, 2.9556054, 0.402880071, -0.199162171, -0.0953042331, 0.0164043963],
  },
  {
    name: 'AdamW(lr=.05, betas=(.8, .9), eps=1e-3, weight_decay=.1), a until step 4, b from 2',
    make: () => new AdamW({ learningRate: 0.05, beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.1 }),
    learns: (name, step) => (name === 'a' ? step < 4 : step >= 2),
    wanted: [0.831975057, -1.82129055, 3.00314206, 0.319010435, -0.0997929201, 0.00104232535, 0.112167638],
  },
]

function gradientsAt(step: number): ReadonlyMap<string, tf.Tensor> {
  const a = start.a.map((row) => row.map((x) => Math.sin(x + step)))
  return new Map<string, tf.Tensor>([
    ['a', tf.tensor2d(a)],
    ['b', tf.tensor1d(start.b.map((x) => Math.cos(x * step)))],
  ])
}

const begun = () =>
  new Map<string, tf.Variable>([
    ['a', tf.variable(tf.tensor2d(start.a))],
    ['b', tf.variable(tf.tensor1d(start.b))],
  ])

function expectValues(parameters: ReadonlyMap<string, tf.Variable>, wanted: readonly number[]): void {
  const got = [...parameters.values()].flatMap((variable) => [...variable.dataSync()])
  expect(got).toHaveLength(wanted.length)
  got.forEach((value, i) => {
    expect(Math.abs(value - wanted[i]!) / Math.max(1, Math.abs(wanted[i]!))).toBeLessThan(1e-6)
  })
}

describe('optimizers', () => {
  it.each([...cases, ...sparing])('take the steps of PyTorch: $name', ({ make, wanted }) => {
    const [parameters, optimizer] = [begun(), make()]
    for (let step = 0; step < STEPS; step++) optimizer.apply(parameters, gradientsAt(step))
    expectValues(parameters, wanted)
  })

  describe.each(pausing)('take the steps of PyTorch: $name', ({ make, wanted, learns }) => {
    const gradientsOf = (step: number) => new Map([...gradientsAt(step)].filter(([name]) => learns(name, step)))

    it.each([true, false])('prepared beforehand: %s', (isPrepared) => {
      const [parameters, optimizer] = [begun(), make()]
      if (isPrepared) optimizer.prepare(parameters)
      for (let step = 0; step < STEPS; step++) optimizer.apply(parameters, gradientsOf(step))
      expectValues(parameters, wanted)
      optimizer.dispose()
    })

    it.each([1, 2, 3, 4, 5])('saved after step %s, and gone on with by another, or by the same once more', (saved) => {
      const [parameters, first] = [begun(), make()]
      first.prepare(parameters)
      for (let step = 0; step < saved; step++) first.apply(parameters, gradientsOf(step))
      const { values, tensors } = first.state()
      const state: State = { values: JSON.parse(JSON.stringify(values)) as NonNullable<State['values']>, tensors: new Map([...tensors!].map(([name, tensor]) => [name, tf.clone(tensor)])) }
      const weights = [...parameters.values()].map((variable) => tf.clone<tf.Tensor>(variable))
      const second = make()
      second.prepare(parameters)
      for (const optimizer of [second, first]) {
        optimizer.restore(state)
        ;[...parameters.values()].forEach((variable, i) => variable.assign(weights[i]!))
        for (let step = saved; step < STEPS; step++) optimizer.apply(parameters, gradientsOf(step))
        expectValues(parameters, wanted)
        // What follows is another course, which the next restoring takes back.
        for (const step of [0, 4]) optimizer.apply(parameters, gradientsOf(step))
      }
      first.restore(state)
      ;[...parameters.values()].forEach((variable, i) => variable.assign(weights[i]!))
      for (let step = saved; step < STEPS; step++) first.apply(parameters, gradientsOf(step))
      expectValues(parameters, wanted)
    })
  })

  it.each(cases)('keep no tensor but their slots, and free those: $name', ({ make }) => {
    const parameters = new Map<string, tf.Variable>([['b', tf.variable(tf.tensor1d(start.b))]])
    const gradients = gradientsAt(1)
    const before = tf.memory().numTensors
    const optimizer = make()
    optimizer.apply(parameters, gradients)
    expect(tf.memory().numTensors).toBe(before + 1 + optimizer.slots.size)
    for (let step = 0; step < 20; step++) optimizer.apply(parameters, gradients)
    expect(tf.memory().numTensors).toBe(before + 1 + optimizer.slots.size)
    optimizer.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('reject options that make no sense', () => {
    expect(() => new SGD({ nesterov: true })).toThrow('SGD: wanted `nesterov` with a momentum above 0, got momentum 0')
    expect(() => new SGD({ dampening: 0.1 } as object)).toThrow('got `dampening`')
    expect(() => new RMSprop({ decay: 2 })).toThrow('`decay` to be a number of at least 0 and at most 1, got 2')
    expect(() => new AdamW({ weightDecay: -1 })).toThrow('AdamW: wanted `weightDecay`')
    expect(() => new AdamW({ weightDecayOf: 'vectors' as never })).toThrow("wanted `weightDecayOf` to be 'all', 'matrices' or paths of parameters, got \"vectors\"")
    for (const none of [[], [''], [1], {}, null]) expect(() => new SGD({ weightDecay: 1, weightDecayOf: none as never })).toThrow('`weightDecayOf`')
    expect(() => new Adam({ weightDecayOf: 'matrices' })).toThrow('Adam: wanted `weightDecay` above 0 beside `weightDecayOf`, got 0')
    const parameters = new Map<string, tf.Variable>([['trunk.b', tf.variable(tf.tensor1d(start.b))]])
    expect(() => new AdamW({ weightDecayOf: ['trunk', 'trunk.c'] }).prepare(parameters)).toThrow('such as trunk.b, got "trunk.c"')
  })

  it('name their slots by parameter', () => {
    const optimizer = new RMSprop({ momentum: 0.9 })
    optimizer.apply(new Map([['b', tf.variable(tf.tensor1d(start.b))]]), gradientsAt(0))
    expect([...optimizer.slots.keys()]).toEqual(['b.v', 'b.momentum'])
  })
})
