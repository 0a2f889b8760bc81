import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { defineExperiment, type ExperimentConfiguration } from './experiment-configuration.js'
import { checkedExperiment, readConfiguration } from './read-configuration.js'

const small = defineExperiment({
  name: 'small',
  data: 'quickDraw',
  trunk: { ConvNet: { width: 4 } },
  embedder: { Embedder: { embeddingSize: 8 } },
  sampler: { MPerClassSampler: { m: 4, batchSize: 32 } },
  methods: {
    Triplet: { objectives: [{ loss: { TripletMarginLoss: { margin: 0.1, distance: 'CosineSimilarity' } }, miner: 'MultiSimilarityMiner' }] },
    ArcFace: { objectives: [{ loss: 'ArcFaceLoss', optimizer: { Adam: { learningRate: 1e-2 } } }] },
  },
  epochs: 2,
})

type Path = readonly string[]
/** The same with a field set, or without it. */
function changed(path: string, value: unknown): unknown {
  const copy = structuredClone(small) as unknown as Record<string, unknown>
  const steps: Path = path.split('.')
  const owner = steps.slice(0, -1).reduce<Record<string, unknown>>((inner, step) => (inner[step] ??= {}) as Record<string, unknown>, copy)
  if (value === undefined) Reflect.deleteProperty(owner, steps.at(-1)!)
  else owner[steps.at(-1)!] = value
  return copy
}

const check = (value: unknown) => checkedExperiment(value, { who: 'small.yaml', folder: '/somewhere' })

describe('checkedExperiment', () => {
  it('fills in defaults, and makes paths whole', async () => {
    const { configuration } = await check({ ...small, weights: 'net.safetensors', data: { imageFolder: { root: 'photos', imageSize: 8, cache: '/cache' } } })
    expect(configuration).toMatchObject({ scheme: 'metricLossOnly', seeds: [0], testers: ['GlobalEmbeddingSpaceTester'], metric: 'meanAveragePrecisionAtR', weights: '/somewhere/net.safetensors' })
    const published = await check({ ...small, trunk: { pretrainedTrunk: { name: 'torchvision/resnet18', file: 'net.pth' } } })
    expect(published.configuration.trunk).toEqual({ pretrainedTrunk: { name: 'torchvision/resnet18', file: '/somewhere/net.pth' } })
    expect(configuration.data).toEqual({ imageFolder: { root: '/somewhere/photos', imageSize: 8, cache: '/cache' } })
    // A path may look like a part of one's own.
    const odd = await check({ ...small, weights: 'nets#last', data: { imageFolder: { root: './photos#new', imageSize: 8, cache: '/cache#one' } } })
    expect([odd.configuration.weights, odd.configuration.data]).toEqual(['/somewhere/nets#last', { imageFolder: { root: '/somewhere/photos#new', imageSize: 8, cache: '/cache#one' } }])
  })

  it.each([
    ['a field that is missing', 'epochs', undefined, 'small.yaml: wanted a number at `epochs`, got nothing. Add the field.'],
    ['a field that is misspelt', 'epoch', 3, 'at `epoch`, got `epoch`. `epoch`: there is no such field. Did you mean `epochs`?'],
    ['a field of the wrong type', 'epochs', 'five', 'wanted a number at `epochs`, got "five"'],
    ['a flag in words', 'methods.Triplet.objectives', [{ loss: { TripletMarginLoss: { distance: { LpDistance: { normalizeEmbeddings: 'no' } } } } }], 'wanted true or false at `methods.Triplet.objectives.0.loss.TripletMarginLoss.distance.LpDistance.normalizeEmbeddings`, got "no". YAML and JSON have `true` and `false` alone.'],
    ['a number in quotes', 'trunk', { ConvNet: { width: '4' } }, 'wanted a number at `trunk.ConvNet.width`, got "4"'],
    ['an option of nothing', 'trunk', { ConvNet: { width: null } }, 'wanted a number at `trunk.ConvNet.width`, got null. Leave it out for its default.'],
    ['a name that every object has', 'trunk', { ConvNet: { constructor: 1 } }, 'at `trunk.ConvNet.constructor`, got `constructor`. It has none of that name.'],
    ['a number out of range', 'epochs', 0, 'wanted a number of at least 1 at `epochs`, got 0'],
    ['a loss that there is not', 'methods.Triplet.objectives', [{ loss: 'TripletLoss' }], 'wanted a loss at `methods.Triplet.objectives.0.loss`, got `TripletLoss`. There is none of that name. Did you mean `TripletMarginLoss`?'],
    ['an option that there is not', 'methods.Triplet.objectives', [{ loss: { TripletMarginLoss: { margn: 1 } } }], 'at `methods.Triplet.objectives.0.loss.TripletMarginLoss.margn`, got `margn`. It has none of that name. Did you mean `margin`?'],
    ['a distance within that there is not', 'methods.Triplet.objectives', [{ loss: { TripletMarginLoss: { distance: 'Cosine' } } }], 'wanted a distance at `methods.Triplet.objectives.0.loss.TripletMarginLoss.distance`'],
    ['an option that is missing', 'sampler', 'MPerClassSampler', 'wanted number, which MPerClassSampler needs at `sampler.m`, got nothing. Samples of a class in a batch.'],
    ['a name that is no choice', 'precision', 'bfloat', "wanted 'float32' or 'bfloat16' at `precision`, got \"bfloat\". Take one of them. Did you mean `bfloat16`?"],
    ['no method', 'methods', {}, 'wanted at least one method at `methods`'],
    ['a method named as a folder above', 'methods', { '..': small.methods['ArcFace'] }, 'wanted the name of a folder, without slash at `methods...`, got `..`'],
    ['a method with a slash', 'methods', { 'a/b': small.methods['ArcFace'] }, 'wanted the name of a folder, without slash at `methods.a/b`, got `a/b`'],
    ['a method named as a baseline', 'methods', { 'untrained trunk': small.methods['ArcFace'] }, 'wanted a name that no baseline has at `methods.untrained trunk`'],
    ['methods that share a folder on some disks', 'methods', { arcface: small.methods['ArcFace'], ArcFace: small.methods['ArcFace'] }, 'wanted names that differ in more than capitals at `methods.ArcFace`, got `arcface` and `ArcFace`'],
    ['an experiment named as a folder above', 'name', '..', 'it is the name of a folder at `name`, got ".."'],
    ['a number that is none', 'methods.Triplet.objectives.0.loss.TripletMarginLoss.margin', NaN, 'wanted a finite number at `methods.Triplet.objectives.0.loss.TripletMarginLoss.margin`, got NaN'],
    ['a number that JSON does not know', 'methods.Triplet.objectives.0.loss.TripletMarginLoss.margin', Infinity, 'got Infinity. Correct it; a part of your own may'],
    ['seeds twice', 'seeds', [1, 2, 1], 'wanted seeds that differ at `seeds`'],
    ['seeds whose networks may begin alike', 'seeds', [0, 2 ** 32], 'wanted a number of at most 268435455 at `seeds.1`, got 4294967296'],
    ['a part that is none', 'trunk', 3, 'wanted a trunk, by name or as { name: options } at `trunk`, got 3'],
    ['a split and a protocol', 'protocol', { folds: 3 }, undefined],
    ['a range without a search', 'methods.Triplet.objectives', [{ loss: { TripletMarginLoss: { margin: { uniform: [0, 1] } } } }], 'wanted no range at `methods.Triplet.objectives.0.loss.TripletMarginLoss.margin`, got one, and no `protocol.search`'],
    ['a search without a range', 'protocol', { search: { strategy: 'random', trials: 2 } }, 'wanted a range in a method'],
    ['a range outside of methods', 'sampler', { MPerClassSampler: { m: { integer: [2, 4] } } }, 'wanted ranges in methods alone, got one at `sampler.MPerClassSampler.m`'],
    ['a test set that would be judged otherwise than epochs', 'both', [{ GlobalEmbeddingSpaceTester: { pca: 4 } }], 'wanted a first tester that judges normalised embeddings by their classes, as a `protocol` judges its test set, at `testers.0.GlobalEmbeddingSpaceTester.pca`, got 4. Put GlobalEmbeddingSpaceTester first'],
    ['a test set that would be judged by other labels than epochs', 'both', [{ WithSameParentLabelTester: { labels: ['labels', 'kind'] } }], 'at `testers.0`, got WithSameParentLabelTester'],
    ['a schedule without a unit', 'schedules', [{ of: 'trunk', shape: { cosine: { tMax: 3 } } }], "wanted `by` at `schedules.0`: 'step' or 'epoch', got nothing"],
  ])('refuses %s', async (_, path, value, message) => {
    const configuration = path === 'both' ? { ...small, protocol: { folds: 2 }, testers: value } : changed(path, value)
    if (message === undefined) await expect(check({ ...(configuration as object), split: 'published' })).rejects.toThrow('wanted `split` or `protocol`, got both')
    else await expect(check(configuration)).rejects.toThrow(message)
  })

  it('names a field that is misspelt before the one that is missing for it', async () => {
    const { epochs, ...rest } = structuredClone(small)
    await expect(check({ ...rest, epoch: epochs })).rejects.toThrow(/got `epoch`.*Did you mean `epochs`\?.*Also wrong: `epochs`/)
  })

  it('refuses ranges that are none', async () => {
    const searched = { ...small, protocol: { search: { strategy: 'random', trials: 2 } } }
    const withRange = (range: object) => ({ ...searched, methods: { T: { objectives: [{ loss: { TripletMarginLoss: { margin: range } } }] } } })
    await expect(check(withRange({ uniform: [1, 0] }))).rejects.toThrow('wanted two numbers, the smaller one first, at `methods.T.objectives.0.loss.TripletMarginLoss.margin`')
    await expect(check(withRange({ logUniform: [0, 1] }))).rejects.toThrow('above 0')
    await expect(check(withRange({ integer: [0, 1.5] }))).rejects.toThrow('two integers')
    await expect(check(withRange({ uniform: [0, 1] }))).resolves.toBeDefined()
  })
})

describe('readConfiguration', () => {
  it('reads YAML, JSON and modules alike, with fields changed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'experiment-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'a.yaml'), stringify(small))
    writeFileSync(join(folder, 'a.json'), JSON.stringify(small))
    writeFileSync(join(folder, 'a.mjs'), `export default ${JSON.stringify(small)}`)
    const read = await Promise.all(['a.yaml', 'a.json', 'a.mjs'].map(async (file) => (await readConfiguration(join(folder, file), { epochs: 7, 'methods.Triplet.epochs': 1 })).configuration))
    expect(read[0]).toMatchObject({ epochs: 7, methods: { Triplet: { epochs: 1 } } })
    expect(read[1]).toEqual(read[0])
    expect(read[2]).toEqual(read[0])
  })

  it('reads anchors and merge keys of YAML', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'experiment-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const lines = stringify({ ...small, methods: {} }).replace('methods: {}', 'methods:\n  A: &a { objectives: [{ loss: ContrastiveLoss }], epochs: 3 }\n  B: { <<: *a, epochs: 4 }')
    writeFileSync(join(folder, 'a.yaml'), lines)
    const { configuration } = await readConfiguration(join(folder, 'a.yaml'))
    expect(configuration.methods).toEqual({ A: { objectives: [{ loss: 'ContrastiveLoss' }], epochs: 3 }, B: { objectives: [{ loss: 'ContrastiveLoss' }], epochs: 4 } })
  })

  it('changes a field where it was said to, and not where an alias has the same value', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'experiment-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const methods = ['methods:', '  A: &a { objectives: &o [{ loss: { ContrastiveLoss: { negMargin: 1 } } }], epochs: 3 }', '  B: *a', '  C: { objectives: *o }', '  D: { <<: *a }'].join('\n')
    writeFileSync(join(folder, 'a.yaml'), stringify({ ...small, methods: {} }).replace('methods: {}', methods))
    const { configuration } = await readConfiguration(join(folder, 'a.yaml'), { 'methods.A.epochs': 9, 'methods.A.objectives.0.loss.ContrastiveLoss.negMargin': 0.5 })
    const margin = (name: string) => (configuration.methods[name]!.objectives[0] as { loss: { ContrastiveLoss: { negMargin: number } } }).loss.ContrastiveLoss.negMargin
    expect(['A', 'B', 'C', 'D'].map((name) => [configuration.methods[name]!.epochs, margin(name)])).toEqual([[9, 0.5], [3, 1], [undefined, 1], [3, 1]])
  })

  it('changes no field that is not there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'experiment-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'a.yaml'), stringify(small))
    for (const path of ['protocol.folds', '__proto__.folds', 'constructor.folds']) await expect(readConfiguration(join(folder, 'a.yaml'), { [path]: 3 })).rejects.toThrow(`wanted a field \`${path}\` to change`)
    expect('folds' in {}).toBe(false)
  })

  it('names parts of one’s own so that they are found from anywhere, in folders with spaces, too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'my experiment-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const part = 'export class OwnLoss {\n  static declaredOptions = {}\n}\n'
    mkdirSync(join(folder, 'my parts'))
    writeFileSync(join(folder, 'my parts', 'own.mjs'), part)
    mkdirSync(join(folder, 'node_modules', '@acme', 'losses'), { recursive: true })
    writeFileSync(join(folder, 'node_modules', '@acme', 'losses', 'package.json'), '{ "name": "@acme/losses", "type": "module", "exports": "./own.js" }')
    writeFileSync(join(folder, 'node_modules', '@acme', 'losses', 'own.js'), part)
    const ofLoss = (loss: string) => ({ objectives: [{ loss }] })
    writeFileSync(join(folder, 'a.yaml'), stringify({ ...small, methods: { File: ofLoss('./my parts/own.mjs#OwnLoss'), Package: ofLoss('@acme/losses#OwnLoss') } }))
    const { configuration, registry } = await readConfiguration(join(folder, 'a.yaml'))
    const names = ['my parts/own.mjs', 'node_modules/@acme/losses/own.js'].map((path) => `${join(folder, path)}#OwnLoss`)
    expect(Object.values(configuration.methods).map(({ objectives }) => objectives[0]!.loss)).toEqual(names)
    for (const name of names) expect(registry.build<object>('losses', name, 'loss').constructor.name).toBe('OwnLoss')
    // As the experiment is read again from its folder, or by another process.
    await expect(checkedExperiment(configuration, { who: 'experiment.json', folder: '/' })).resolves.toMatchObject({ configuration })
  })

  it('says where a file is no YAML, or not there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'experiment-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'a.yaml'), 'name: a\nname: b\n')
    await expect(readConfiguration(join(folder, 'a.yaml'))).rejects.toThrow(/Map keys must be unique at line 2/)
    await expect(readConfiguration(join(folder, 'b.yaml'))).rejects.toThrow('ENOENT')
  })
})

it('knows names and options as types', () => {
  expectTypeOf<{ readonly TripletMarginLoss: { readonly margin: number } }>().toExtend<ExperimentConfiguration['methods'][string]['objectives'][number]['loss']>()
  // @ts-expect-error -- no such loss
  defineExperiment({ ...small, methods: { T: { objectives: [{ loss: 'TripletLoss' }] } } })
  // @ts-expect-error -- no such option
  defineExperiment({ ...small, methods: { T: { objectives: [{ loss: { TripletMarginLoss: { margn: 1 } } }] } } })
})
