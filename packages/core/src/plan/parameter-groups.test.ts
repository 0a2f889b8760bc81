import * as tf from '@tensorflow/tfjs-core'
import { afterEach, describe, expect, it } from 'vitest'
import type { Optimizer } from '@metric-learning/contracts'
import { SGD } from '../optimizers/sgd.js'
import { toyOptions } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'
import { parameterGroups } from './parameter-groups.js'

const made: { dispose(): void }[] = []
afterEach(() => {
  for (const one of made.splice(0)) one.dispose()
})

const optimizer = (learningRate = 1): Optimizer => {
  const one = new SGD({ learningRate })
  made.push(one)
  return one
}
const parametersOf = (...keys: string[]) =>
  new Map(
    keys.map((key) => {
      const variable = tf.variable(tf.scalar(0))
      made.push(variable)
      return [key, variable]
    }),
  )
const network = () => [
  { name: 'trunk', parameters: parametersOf('stem.weight', 'blocks.0.conv.weight', 'blocks.0.norm.scale', 'blocks.1.conv.weight', 'blocks.1.norm.scale') },
  { name: 'embedder', parameters: parametersOf('weight', 'bias') },
]
const groupsOf = (byPath: Record<string, Optimizer>) => parameterGroups(network(), byPath, optimizer)
const namesOf = (byPath: Record<string, Optimizer>) => Object.fromEntries([...groupsOf(byPath)].map(([name, { parameters }]) => [name, [...parameters.keys()]]))

describe('Groups of parameters', () => {
  it('are modules, each with an optimizer of its own', () => {
    const trunk = optimizer()
    const groups = groupsOf({ trunk })
    expect([...groups.keys()]).toEqual(['trunk', 'embedder'])
    expect(groups.get('trunk')!.optimizer).toBe(trunk)
    expect(groups.get('embedder')!.optimizer).not.toBe(trunk)
  })

  it('are paths, of which the longest holds, and of equally long ones that with more names from the left', () => {
    expect(namesOf({ 'trunk.blocks.0': optimizer(), 'trunk.blocks.*.norm': optimizer(), 'embedder.bias': optimizer() })).toEqual({
      trunk: ['trunk.stem.weight', 'trunk.blocks.1.conv.weight'],
      'trunk.blocks.0': ['trunk.blocks.0.conv.weight'],
      'trunk.blocks.*.norm': ['trunk.blocks.0.norm.scale', 'trunk.blocks.1.norm.scale'],
      embedder: ['embedder.weight'],
      'embedder.bias': ['embedder.bias'],
    })
    // The second leads to all that the first does.
    expect(() => groupsOf({ 'trunk.*.1': optimizer(), 'trunk.blocks.*': optimizer() })).toThrow('got `trunk.*.1`')
  })

  it('leave nothing where a path holds for all of a module', () => {
    expect(Object.keys(namesOf({ 'embedder.*': optimizer() }))).toEqual(['trunk', 'embedder.*'])
  })

  it('are refused where nobody would use one, or two would', () => {
    const one = optimizer()
    expect(() => groupsOf({ tronk: one })).toThrow('wanted `optimizers` for trunk, embedder, or for paths of their parameters, got `tronk`')
    expect(() => groupsOf({ 'trunk.block.0': one })).toThrow('such as trunk.stem.weight, trunk.blocks.0.conv.weight, trunk.blocks.0.norm.scale, …, got `trunk.block.0`')
    expect(() => groupsOf({ 'trunk.blocks.0': one, 'trunk.blocks.0.conv': optimizer(), 'trunk.blocks.0.norm': optimizer() })).toThrow('got `trunk.blocks.0`')
    expect(() => groupsOf({ trunk: one, 'trunk.stem': one })).toThrow('one for trunk and trunk.stem')
    expect(() => groupsOf({ 'trunk.stem': {} as Optimizer })).toThrow('optimizer of trunk.stem')
    expect(() => groupsOf({ 'losses.triplet': one })).toThrow('The optimizer of a loss stands beside it, in its objective.')
  })

  it('are trained and logged by their names', async () => {
    const options = toyOptions()
    const [path] = [...options.trunk.parameters.keys()]
    const rates: string[] = []
    const trainer = new Trainer({
      ...options,
      optimizers: { [`trunk.${path}`]: optimizer(0) },
      plugins: [{ name: 'watch', apply: ({ hooks }) => hooks.log.tap({ name: 'watch' }, ({ tag }) => void (tag.includes('rate') && rates.push(tag))) }],
    })
    const before = options.trunk.parameters.get(path!)!.dataSync().slice()
    await trainer.train({ epochs: 1 })
    expect(options.trunk.parameters.get(path!)!.dataSync()).toEqual(before)
    expect([...new Set(rates)].sort()).toEqual([...trainer.optimizers.keys()].map((name) => `rate/${name}`).sort())
    expect([...trainer.optimizers.keys()]).toContain(`trunk.${path}`)
    trainer.dispose()
  })
})
