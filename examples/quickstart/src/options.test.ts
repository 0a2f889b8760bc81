import { afterEach, describe, expect, it, vi } from 'vitest'
import { parseCommand } from './options.js'
import { RECIPE } from './recipe.js'

/** What commander prints and the code it ends with, instead of ending this process. */
function failure(...argv: string[]): { text: string; code: unknown } {
  let text = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((part) => ((text += String(part)), true))
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => ((text += String(part)), true))
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('exit')
  })
  expect(() => parseCommand(argv)).toThrow('exit')
  return { text, code: exit.mock.calls[0]![0] }
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('parseCommand', () => {
  it('has the defaults of the comparison', () => {
    expect(parseCommand([])).toEqual({ epochsAreGiven: false, options: {
      imageSize: 32,
      onCorrupt: 'error',
      strict: false,
      split: 'classes',
      trainFraction: 0.7,
      augment: false,
      trunk: 'convnet',
      samplesPerClass: 4,
      allowRepeats: false,
      learningRate: RECIPE.learningRate,
      epochs: 5,
      losses: ['triplet', 'arcface'],
      embeddingSize: 64,
      backend: 'auto',
      precision: 'float32',
      seed: 0,
      output: 'runs/quickstart',
    } })
  })

  it('takes what is given', () => {
    const argv = ['--data', 'photos', '--epochs', '2', '--loss', 'arcface', '--embedding-size', '8', '--seed', '3']
    expect(parseCommand(argv).options).toMatchObject({ data: 'photos', epochs: 2, losses: ['arcface'], embeddingSize: 8, seed: 3 })
    expect(parseCommand(['--backend', 'wasm']).options).toMatchObject({ backend: 'wasm' })
    expect(parseCommand(['--precision', 'bfloat16']).options).toMatchObject({ precision: 'bfloat16' })
  })

  it('takes what a folder of one’s own needs', () => {
    const folder = ['--data', 'photos', '--image-size', '64', '--on-corrupt', 'skip', '--strict', '--cache', 'decoded', '--split', 'samples', '--train-fraction', '0.5']
    const training = ['--augment', '--trunk', 'resnet18', '--weights', 'resnet18.safetensors', '--batch-size', '32', '--chunk-size', '8', '--samples-per-class', '8', '--allow-repeats', '--learning-rate', '1e-4']
    expect(parseCommand([...folder, ...training]).options).toMatchObject({
      imageSize: 64, onCorrupt: 'skip', strict: true, cache: 'decoded', split: 'samples', trainFraction: 0.5,
      augment: true, trunk: 'resnet18', weights: 'resnet18.safetensors', batchSize: 32, chunkSize: 8, samplesPerClass: 8, allowRepeats: true, learningRate: 1e-4,
    })
  })

  it('drops no option: what nobody would read is refused', () => {
    expect(failure('--image-size', '64')).toEqual({ text: "error: option '--image-size' is for a folder of images: give --data, too.\n", code: 1 })
    expect(failure('--resume', '--learning-rate', '1').text).toContain("option '--learning-rate' cannot be changed by --resume")
    expect(failure('--resume', '--data', 'photos').text).toContain("option '--data' cannot be changed by --resume")
  })

  it('drops no value: an option that is given twice is refused', () => {
    expect(failure('--loss', 'arcface', '--loss', 'triplet')).toEqual({
      text: "error: option '--loss' is given twice: give it once, --loss both for both.\n",
      code: 1,
    })
    expect(failure('--data', 'a', '--data=b').text).toBe("error: option '--data' is given twice: give it once.\n")
    expect(failure('--strict', '--data', 'a', '--strict').text).toContain("option '--strict' is given twice")
    expect(failure('--resume', '--resume', 'a').text).toContain("option '--resume' is given twice")
  })

  it('goes on with the latest run, or with one that is named', () => {
    expect(parseCommand(['--resume'])).toMatchObject({ resume: true, epochsAreGiven: false })
    expect(parseCommand(['--resume', 'runs/a', '--epochs', '9'])).toMatchObject({ resume: 'runs/a', epochsAreGiven: true, options: { epochs: 9 } })
  })

  it('serves a live page at the usual port, or at one that is named, also of a run that goes on', () => {
    expect(parseCommand(['--live']).live).toBe(true)
    expect(parseCommand(['--live', '8080', '--epochs', '3'])).toMatchObject({ live: 8080, options: { epochs: 3 } })
    expect(parseCommand(['--resume', '--live'])).toMatchObject({ resume: true, live: true })
    expect(parseCommand([])).not.toHaveProperty('live')
    expect(failure('--live', '70000').text).toContain("argument '70000' is invalid. wanted an integer of at least 0 and at most 65535.")
  })

  it('names an unknown flag, and a value out of range', () => {
    expect(failure('--epoch', '3')).toEqual({ text: "error: unknown option '--epoch'\n(Did you mean --epochs?)\n", code: 1 })
    expect(failure('--embedding-size', '0').text).toContain("argument '0' is invalid. wanted an integer of at least 1.")
    expect(failure('--data', 'a', '--train-fraction', '1').text).toContain("argument '1' is invalid. wanted a number between 0 and 1.")
    expect(failure('--learning-rate', '0').text).toContain("argument '0' is invalid. wanted a number above 0.")
    expect(failure('--trunk', 'vgg').text).toContain('Allowed choices are convnet, resnet18, resnet50.')
    expect(failure('--loss', 'softmax').text).toContain('Allowed choices are triplet, arcface, both.')
    expect(failure('--precision', 'float16').text).toContain('Allowed choices are float32, bfloat16.')
  })

  it('explains itself', () => {
    const { text, code } = failure('--help')
    expect(code).toBe(0)
    for (const flag of ['--data', '--epochs', '--loss', '--embedding-size', '--backend', '--precision', '--seed', '--output', '--resume']) expect(text).toContain(flag)
  })
})
