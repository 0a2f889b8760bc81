import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '@metric-learning/contracts'
import { ConvNet, ResNet18, saveModule } from '@metric-learning/models'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { Registry } from '../registry/registry.js'
import { toyData } from '../toy-data.fixture.js'
import { isPretrained, makeTrunk, normalisedFor, type TrunkParts } from './make-trunk.js'

const folder = mkdtempSync(join(tmpdir(), 'make-trunk-'))
afterAll(() => rmSync(folder, { recursive: true }))

const saved = new ResNet18({ seed: 3 })
const file = join(folder, 'resnet18.safetensors')
await saveModule(saved, file)
const published = { pretrainedTrunk: { name: 'torchvision/resnet18', file } } as const

const make = (parts: Pick<TrunkParts, 'trunk'> & Partial<TrunkParts>) => makeTrunk({ registry: new Registry(), inputChannels: 3, random: new Random(0), ...parts })
const firstWeights = ({ parameters }: ResNet18) => [...parameters.get('conv1.weight')!.dataSync().slice(0, 8)]

describe('makeTrunk', () => {
  it('takes published weights, and normalises images as they want it', async () => {
    const made = await make({ trunk: published })
    expect(firstWeights(made.trunk as ResNet18)).toEqual(firstWeights(saved))
    const { train } = toyData()
    const image = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
    expect(made.normalization).toEqual(image)
    const coloured = { ...train, sampleShape: [8, 8, 3] as const, load: train.load.bind(train) }
    expect(normalisedFor(made, coloured)).toMatchObject({ normalization: image, labels: train.labels, classNames: train.classNames })
    expect(normalisedFor({}, train)).toBe(train)
    made.trunk.dispose()
  })

  it('takes them for grey images too, and refuses others', async () => {
    const { train } = toyData()
    const made = await make({ trunk: published, inputChannels: 1 })
    expect((made.trunk as ResNet18).parameters.get('conv1.weight')!.shape[2]).toBe(1)
    expect(normalisedFor(made, train).normalization!.mean).toEqual([expect.closeTo(0.449, 12)])
    const untrained = await make({ trunk: published, inputChannels: 1, untrained: true })
    expect((untrained.trunk as ResNet18).parameters.get('conv1.weight')!.shape[2]).toBe(1)
    for (const { trunk } of [made, untrained]) trunk.dispose()
    await expect(make({ trunk: published, inputChannels: 4 })).rejects.toThrow('`inputChannels` to be 1 or 3, got 4')
  })

  it('draws the weights of the same network where it is to be untrained', async () => {
    const made = await make({ trunk: published, untrained: true })
    expect(made.normalization).toBeUndefined()
    expect(made.trunk).toBeInstanceOf(ResNet18)
    expect(firstWeights(made.trunk as ResNet18)).not.toEqual(firstWeights(saved))
    made.trunk.dispose()
  })

  it("takes torchvision's weights of a ResNet without its classifier, and images as they come", async () => {
    const classifier = tf.variable(tf.ones([512, 10]))
    const whole = join(folder, 'whole.safetensors')
    const { name, buffers, parameters } = saved
    await saveModule({ name, buffers, parameters: new Map([...parameters, ['fc.weight', classifier]]) }, whole)
    const made = await make({ trunk: 'ResNet18', weights: whole })
    expect(firstWeights(made.trunk as ResNet18)).toEqual(firstWeights(saved))
    expect(made.normalization).toBeUndefined()
    made.trunk.dispose()
    classifier.dispose()
  })

  it('takes weights of a trunk that was saved here', async () => {
    const trunk = new ConvNet({ width: 2, blocks: 2, seed: 5 })
    const own = join(folder, 'own.safetensors')
    await saveModule(trunk, own)
    const spec = { ConvNet: { width: 2, blocks: 2 } }
    const made = await make({ trunk: spec, weights: own, inputChannels: 1 })
    const x = tf.randomNormal([1, 8, 8, 1], 0, 1, 'float32', 1)
    expect([...made.trunk.call(x, { training: false }).dataSync()]).toEqual([...trunk.call(x, { training: false }).dataSync()])
    expect([isPretrained({ trunk: spec }), isPretrained({ trunk: spec, weights: own }), isPretrained({ trunk: published })]).toEqual([false, true, true])
  })

  it('names the place of what is wrong, and leaves no tensor', async () => {
    const before = tf.memory().numTensors
    const place = (field: string) => `methods.T.${field}`
    await expect(make({ trunk: published, weights: file, place })).rejects.toThrow(/wanted `weights` or `pretrainedTrunk`, got both.*methods\.T\.weights/)
    await expect(make({ trunk: { ConvNet: { width: 2 } }, weights: file, place })).rejects.toThrow(/\(in methods\.T\.weights\)/)
    await expect(make({ trunk: { pretrainedTrunk: { name: 'torchvision/resnet34', file } }, place })).rejects.toThrow(/wanted weights of ResNet34.*\(in methods\.T\.trunk\.pretrainedTrunk\)/)
    expect(tf.memory().numTensors).toBe(before)
  })
})
