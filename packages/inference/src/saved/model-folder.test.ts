import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { DataError, Random, StateError } from '@metric-learning/contracts'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { ExactNeighbourIndex } from '@metric-learning/evaluation'
import { ConvNet, decodeSafetensors, Embedder } from '@metric-learning/models'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { InferenceModelOptions } from '../inference-model-options.js'
import { InferenceModel } from '../inference-model.js'
import { MatchFinder } from '../match-finder.js'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'inference-'))
})
afterAll(() => rm(root, { recursive: true }))

function network(seed: number, embeddingSize = 5) {
  const trunk = new ConvNet({ inputChannels: 1, width: 4, blocks: 2, seed })
  return { trunk, embedder: new Embedder({ inputSize: trunk.outputSize, embeddingSize, seed }) }
}

function images(count: number, seed: number) {
  const random = new Random(seed)
  return { values: Uint8Array.from({ length: count * 64 }, () => random.int(256)), shape: [count, 8, 8, 1] }
}

const normalization = { mean: [0.4], std: [0.2] }

async function saved(name: string, options: Partial<InferenceModelOptions> = {}, keys?: readonly string[]) {
  const model = new InferenceModel({ ...network(1), normalization, ...options })
  await model.fit(images(12, 1), keys ? { keys } : {})
  const folder = join(root, name)
  await model.save(folder, { notes: { about: 'noise', sizes: [4, 2] } })
  return { model, folder }
}

describe('a model that was saved and loaded', () => {
  it.each([
    ['of numbered references', {}, undefined],
    ['of keys', {}, Array.from({ length: 12 }, (_, i) => `image ${i}`)],
    ['of raw embeddings', { normalizeEmbeddings: false }, undefined],
  ] as const)('has the same neighbours, bit for bit: %s', async (name, options, keys) => {
    const { model, folder } = await saved(name, options, keys)
    await model.remove([model.keys[3]!])
    await model.save(folder)
    const loaded = await InferenceModel.load(folder, network(2))
    expect([loaded.keys, loaded.normalizeEmbeddings]).toEqual([model.keys, model.normalizeEmbeddings])
    const queries = images(7, 2)
    expect((await loaded.getEmbeddings(queries)).embeddings).toEqual((await model.getEmbeddings(queries)).embeddings)
    const wanted = await model.getNearestNeighbours(queries, { k: 'all' })
    expect(await loaded.getNearestNeighbours(queries, { k: 'all' })).toEqual(wanted)
    const more = keys ? { keys: ['more'] } : {}
    expect(await loaded.add(images(1, 3), more)).toEqual(await model.add(images(1, 3), more))
    for (const one of [model, loaded]) one.dispose()
  })

  it('has what was settled, and tells it without being loaded', async () => {
    const matchFinder = new MatchFinder({ distance: new LpDistance({ p: Infinity, power: 2 }), threshold: 0.25 })
    const { folder, model } = await saved('settled', { matchFinder })
    expect(await InferenceModel.describe(folder)).toEqual({ notes: { about: 'noise', sizes: [4, 2] }, normalizeEmbeddings: true, normalization })
    const loaded = await InferenceModel.load(folder, network(2))
    expect(loaded.matchFinder).toMatchObject({ threshold: 0.25, distance: { name: 'LpDistance', p: Infinity, power: 2, normalizeEmbeddings: true } })
    const [x, y] = [images(6, 4), images(6, 5)]
    expect(await loaded.getMatches(x, y)).toEqual(await model.getMatches(x, y))
    const other = new MatchFinder({ distance: new CosineSimilarity(), threshold: 0.5 })
    expect((await InferenceModel.load(folder, { ...network(2), matchFinder: other })).matchFinder).toBe(other)
    const own = Object.assign(new LpDistance(), { name: 'Odd', measure: undefined })
    await new InferenceModel({ ...network(1), matchFinder: new MatchFinder({ distance: own, threshold: 1 }) }).save(join(root, 'odd'))
    await expect(InferenceModel.load(join(root, 'odd'), network(2))).rejects.toThrow('got none, where that is Odd. Pass the finder')
  })

  it('may be without references and without an embedder', async () => {
    const { trunk } = network(1)
    const folder = join(root, 'bare')
    await new InferenceModel({ trunk }).save(folder)
    const loaded = await InferenceModel.load(folder, { trunk: network(2).trunk })
    expect(loaded.size).toBe(0)
    const samples = tf.ones([1, 8, 8, 1])
    expect((await loaded.getEmbeddings(samples)).embeddings).toEqual((await new InferenceModel({ trunk }).getEmbeddings(samples)).embeddings)
    await expect(InferenceModel.load(folder, network(2))).rejects.toThrow('wanted no `embedder`, as the model in')
  })

  it('lies in safetensors files, in place of the one before, and nothing is left over', async () => {
    const { folder, model } = await saved('replaced')
    const before = await readdir(folder)
    expect(before.map((name) => name.replace(/-[0-9a-f]{16}/, '')).sort()).toEqual(['embedder.safetensors', 'index.bin', 'inference-model.json', 'trunk.safetensors'])
    await writeFile(join(folder, '.saving-1-trunk.safetensors'), 'of a save that was killed')
    await writeFile(join(folder, 'notes.txt'), 'of the user')
    await model.fit(images(3, 9), { keys: ['a', 'b', 'c'] })
    await model.save(folder)
    const after = await readdir(folder)
    expect(after.filter((name) => !before.includes(name)).map((name) => name.split('-')[0]).sort()).toEqual(['index', 'keys', 'notes.txt'])
    expect(after).toHaveLength(6)
    const trunk = after.find((name) => name.startsWith('trunk'))!
    expect([...decodeSafetensors(trunk, await readFile(join(folder, trunk))).tensors.keys()]).toContain('blocks.0.conv.weight')
    expect((await InferenceModel.load(folder, network(2))).keys).toEqual(['a', 'b', 'c'])
  })

  it('stays as it was where a save fails', async () => {
    const { folder, model } = await saved('kept')
    const before = await readdir(folder)
    const failing = Object.assign(new ExactNeighbourIndex(), { save: () => Promise.reject(new Error('no room on the disk')) })
    const other = new InferenceModel({ ...network(5), normalization, index: failing })
    await other.fit(images(2, 3))
    await expect(other.save(folder)).rejects.toThrow(DataError)
    await expect(other.save(folder)).rejects.toThrow('got no room on the disk')
    expect((await readdir(folder)).sort()).toEqual(before.sort())
    expect((await InferenceModel.load(folder, network(2))).keys).toEqual(model.keys)
    await expect(model.save(folder, { notes: { a: NaN } })).rejects.toThrow('`notes` that JSON can hold')
    await expect(model.save(join(folder, 'inference-model.json', 'below'))).rejects.toThrow(DataError)
  })
})

describe('a folder that is no whole model', () => {
  const files = ['inference-model.json', 'trunk', 'embedder', 'index', 'keys']

  it.each(files)('is refused by the name of the file at fault, and changes no weight: %s', async (part) => {
    const { folder } = await saved(`damaged ${part}`, {}, Array.from({ length: 12 }, (_, i) => `${i}`))
    const path = join(folder, (await readdir(folder)).find((name) => name.startsWith(part))!)
    const bytes = await readFile(path)
    const fresh = network(2)
    const weights = () => [...fresh.trunk.parameters.values()].flatMap((variable) => [...variable.dataSync()])
    const before = weights()
    const tensors = tf.memory().numTensors
    const broken: (() => Promise<void>)[] = [
      () => writeFile(path, bytes.subarray(0, bytes.length - 3)),
      () => writeFile(path, bytes.map((byte, i) => (i === Math.floor(0.7 * bytes.length) ? byte ^ 1 : byte))),
      () => writeFile(path, ''),
      () => rm(path),
    ]
    for (const breakIt of broken) {
      await breakIt()
      const refused = InferenceModel.load(folder, fresh)
      await expect(refused).rejects.toThrow(DataError)
      await expect(refused).rejects.toThrow(path)
    }
    expect(weights()).toEqual(before)
    expect(tf.memory().numTensors).toBe(tensors)
  })

  it('is refused where its format is newer', async () => {
    const { folder } = await saved('newer')
    const path = join(folder, 'inference-model.json')
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), version: 2, library: '9.0.0' }))
    await expect(InferenceModel.load(folder, network(2))).rejects.toThrow(`a model of format version 1 in ${path}, got version 2, written by 9.0.0. Install a newer @metric-learning/inference.`)
    await expect(InferenceModel.describe(folder)).rejects.toThrow(DataError)
    await expect(InferenceModel.describe(join(root, 'none'))).rejects.toThrow(join(root, 'none', 'inference-model.json'))
  })

  it('is refused by networks and indexes of another kind, which stay as they are', async () => {
    const { folder } = await saved('other')
    const wider = network(2, 6)
    const before = [...wider.trunk.parameters.get('blocks.0.conv.weight')!.dataSync()]
    await expect(InferenceModel.load(folder, wider)).rejects.toThrow(StateError)
    expect([...wider.trunk.parameters.get('blocks.0.conv.weight')!.dataSync()]).toEqual(before)
    await expect(InferenceModel.load(folder, { trunk: network(2).trunk })).rejects.toThrow('wanted an `embedder`, as the model in')
    // Without weights nothing else would tell that they are others.
    const flat = (outputSize: number) => ({ trunk: { name: 'flat', parameters: new Map(), buffers: new Map(), outputSize, call: (x: tf.Tensor) => tf.reshape(x, [-1, outputSize]), dispose: () => undefined } })
    const plain = new InferenceModel(flat(64))
    await plain.fit(tf.ones([2, 8, 8, 1]))
    await plain.save(join(root, 'flat'))
    await expect(InferenceModel.load(join(root, 'flat'), flat(32))).rejects.toThrow(/wanted networks that give 64 numbers, as the references in .* have, got some that give 32/)
    expect((await InferenceModel.load(join(root, 'flat'), flat(64))).size).toBe(2)
    await expect(InferenceModel.load(folder, { ...network(2), index: new ExactNeighbourIndex({ distance: new CosineSimilarity() }) })).rejects.toThrow(StateError)
    await expect(InferenceModel.load(folder, { ...network(2), normalization } as object as never)).rejects.toThrow('got `normalization`')
  })
})
