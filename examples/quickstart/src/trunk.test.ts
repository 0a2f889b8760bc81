import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { isMetricLearningError, Random } from '@metric-learning/contracts'
import { makeTrunk, Registry } from '@metric-learning/experiments'
import { ConvNet, saveModule } from '@metric-learning/models'
import { afterAll, describe, expect, it } from 'vitest'
import { inFlags } from './advice.js'
import { parseCommand } from './options.js'
import { RECIPE } from './recipe.js'
import { describeTrunk, expectTrunk, trunkPart } from './trunk.js'

const base = mkdtempSync(join(tmpdir(), 'quickstart-trunk-'))
afterAll(() => {
  rmSync(base, { recursive: true })
})

const options = (...argv: string[]) => parseCommand(argv).options
const made = async (argv: readonly string[], channels: number, side = 32) => {
  const given = options(...argv)
  const { trunk } = await makeTrunk({ trunk: trunkPart(given, [side, side, channels]), weights: given.weights, registry: new Registry(), inputChannels: channels, random: new Random(0) })
  return trunk
}
const sum = (trunk: Awaited<ReturnType<typeof made>>) => tf.tidy(() => tf.sum([...trunk.parameters.values()][0]!).dataSync()[0])

/** What the command says when it cannot make the trunk. */
async function refusal(argv: readonly string[], channels: number): Promise<string> {
  const error: unknown = await made(argv, channels).catch((thrown: unknown) => thrown)
  return isMetricLearningError(error) ? inFlags(error) : String(error)
}

describe('trunkPart', () => {
  it('begins with the weights of a file, and advises flags where they do not fit', async () => {
    const weights = join(base, 'trunk.safetensors')
    const saved = new ConvNet({ inputChannels: 3, width: RECIPE.trunkWidth, seed: 7 })
    await saveModule(saved, weights)
    const loaded = await made(['--weights', weights], 3)
    expect(sum(loaded)).toBe(sum(saved))
    const plain = await made([], 3)
    expect(sum(plain)).not.toBe(sum(saved))
    expect(describeTrunk(options('--weights', weights))).toBe(`ConvNet-4 of width ${RECIPE.trunkWidth}, from ${weights}`)
    expect(await refusal(['--weights', weights], 1)).toContain('Pass the --trunk that it belongs to, and weights for images of as many channels')
    expect(await refusal(['--weights', join(base, 'missing')], 3)).toContain('Check the path.')
    for (const trunk of [saved, loaded, plain]) trunk.dispose()
  })
})

describe('expectTrunk', () => {
  const early = (...argv: string[]) => expectTrunk(options(...argv))

  it('wants images that the ConvNet can halve four times, and names the flag', async () => {
    await expect(early('--data', 'photos', '--image-size', '15')).rejects.toThrow(
      'quickstart: wanted --image-size of at least 16 for --trunk convnet, got 15. Pass --image-size 16 or more, or --trunk resnet18.',
    )
    for (const argv of [[], ['--data', 'photos', '--image-size', '16'], ['--data', 'photos', '--trunk', 'resnet18', '--image-size', '1']]) {
      await early(...argv)
    }
  })

  it('wants weights that are there, and those of the trunk, and keeps no tensor', async () => {
    const weights = join(base, 'colours.safetensors')
    const saved = new ConvNet({ inputChannels: 3, width: RECIPE.trunkWidth, seed: 7 })
    await saveModule(saved, weights)
    const { numTensors } = tf.memory()
    await expect(early('--weights', join(base, 'missing'))).rejects.toThrow('ENOENT')
    await expect(early('--weights', weights)).rejects.toThrow('[16, 3, 3, 3]')
    await early('--data', 'photos', '--weights', weights)
    expect(tf.memory().numTensors).toBe(numTensors)
    saved.dispose()
  })

  it('lets through what the trunk takes: a ConvNet 16 pixels a side, a ResNet18 one', async () => {
    for (const [argv, side] of [[[], 16], [['--trunk', 'resnet18'], 1]] as const) {
      const trunk = await made(argv, 3, side)
      const output = tf.tidy(() => trunk.call(tf.zeros([2, side, side, 3]), { training: true }).shape)
      expect(output).toEqual([2, trunk.outputSize])
      trunk.dispose()
    }
  })
})
