import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as distances from '@metric-learning/distances'
import * as losses from '@metric-learning/losses'
import * as miners from '@metric-learning/miners'
import * as reducers from '@metric-learning/reducers'
import * as regularizers from '@metric-learning/regularizers'
import { CosineSimilarity } from '@metric-learning/distances'
import type { TripletMarginLoss } from '@metric-learning/losses'
import { isMetricLearningError, OptionError, Random } from '@metric-learning/contracts'
import { metricLossOnly } from '@metric-learning/core'
import { ConvNet, Embedder, ResNet18, saveModule } from '@metric-learning/models'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { toyData } from '../toy-data.fixture.js'
import { KINDS, type Kind } from './kinds.js'
import { PART_OPTIONS } from './part-options.js'
import { Registry } from './registry.js'

const registry = new Registry()

const folder = mkdtempSync(join(tmpdir(), 'weights-'))
afterAll(() => rmSync(folder, { recursive: true }))
const weights = join(folder, 'resnet18.safetensors')
await saveModule(new ResNet18(), weights)

/** What has to be given where there is no default. */
const REQUIRED: Readonly<Record<string, object | number>> = {
  pretrainedTrunk: { name: 'torchvision/resnet18', file: weights },
  Embedder: { embeddingSize: 4 },
  MLP: { hiddenSizes: [], outputSize: 4 },
  CappedMiner: { miner: 'BatchHardMiner', maxTuples: 8 },
  ClassWeightedReducer: { weights: [1, 2, 3] },
  CrossBatchMemory: { loss: 'ContrastiveLoss' },
  FixedSetOfTriplets: { numTriplets: 6, batchSize: 6 },
  IntersectionMiner: { miners: ['BatchHardMiner', 'TripletMarginMiner'] },
  UnionMiner: { miners: ['BatchHardMiner', 'TripletMarginMiner'] },
  MPerClassSampler: { m: 2, batchSize: 8 },
  MultipleLosses: { losses: ['ContrastiveLoss', { TripletMarginLoss: { margin: 0.1 } }] },
  MultipleReducers: { reducers: { loss: 'MeanReducer' } },
  RankedListLoss: { margin: 0.4, Tn: 10 },
  SelfSupervisedLoss: { loss: 'NTXentLoss' },
  SoftTripleLoss: { centersPerClass: 2 },
  SparseCentersRegularizer: { numClasses: 3, centersPerClass: 2 },
  ThresholdReducer: { low: 0 },
  accumulateGradients: { every: 2 },
  clipGradients: { maxNorm: 1 },
  cmc: 1,
  cosine: { tMax: 4 },
  cosineWarmRestarts: { t0: 2 },
  earlyStopping: { metric: 'heldOut/precisionAt1', mode: 'max' },
  exponential: { gamma: 0.9 },
  fnmrAtFmr: 0.1,
  freezing: { trunk: 1 },
  knnClassifierAccuracy: 3,
  multiStep: { milestones: [2] },
  onPlateau: { metric: 'heldOut/precisionAt1', mode: 'max' },
  oneCycle: { maxValue: 1, totalSteps: 9 },
  precisionAtK: 2,
  recallAtK: 2,
  step: { stepSize: 2 },
  stochasticWeightAveraging: { from: 1 },
  trainWithClassifier: { classifier: { MLP: { hiddenSizes: [] } } },
  warmUp: { shape: { cosine: { tMax: 4 } } },
}

/** Those that a file can't say: they take a function. */
const IN_CODE_ONLY = ['BatchedDistance']

describe('What is registered', () => {
  const { train } = toyData()
  const supplied = (kind: Kind) => {
    const trunk = new ConvNet({ width: 2, blocks: 2 })
    const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: 4 })
    const ofNetworks = { inputChannels: 1, inputSize: 4, outputSize: 3, random: new Random(0) }
    const byKind: Partial<Record<Kind, object>> = {
      samplers: { labels: train.labels },
      testers: { splits: { heldOut: train } },
      schemes: { trunk, embedder, ...ofNetworks },
      losses: { numClasses: 3, embeddingSize: 4, descriptorsDim: 4, l: 4, seed: 1 },
      miners: { seed: 1 },
    }
    onTestFinished(() => [trunk, embedder].forEach((network) => network.dispose()))
    return { ...(['trunks', 'embedders'].includes(kind) ? ofNetworks : {}), ...byKind[kind] }
  }
  const all = Object.entries(KINDS).flatMap(([kind, parts]) => (kind === 'dataSets' ? [] : Object.keys(parts).map((name) => [kind as Kind, name] as const)))

  it.each(all.filter(([, name]) => !IN_CODE_ONLY.includes(name)))('is made with its defaults, and checked: %s %s', (kind, name) => {
    const spec = name in REQUIRED ? { [name]: REQUIRED[name] } : name === 'WithSameParentLabelTester' ? { [name]: { labels: ['labels', 'labels2'] } } : name
    const faults: string[] = []
    registry.check(kind, spec, '', (...fault) => faults.push(fault.join('; ')))
    expect(faults).toEqual([])
    if (name === 'WithSameParentLabelTester') {
      // The toys have no second column, which it says.
      expect(() => registry.build(kind, spec, 'testers.0', supplied(kind))).toThrow('labels2')
      return
    }
    const part = registry.build<{ dispose?(): void }>(kind, spec, kind, supplied(kind))
    expect(part).toBeTypeOf(kind === 'shapes' && name !== 'onPlateau' ? 'function' : 'object')
    part.dispose?.()
  })

  it('refuses a text where a number, a flag or a list belongs, also where nothing was checked before', () => {
    const kinds = ['number', 'Schedulable', 'boolean', 'readonly number[]']
    const taken: string[] = []
    for (const [kind, name] of all) {
      const { options } = PART_OPTIONS[kind][name]!
      for (const option of Object.keys(options).filter((one) => kinds.includes(options[one]!.type))) {
        try {
          registry.build<{ dispose?(): void }>(kind, { [name]: { ...(REQUIRED[name] as object | undefined), [option]: 'no' } }, kind, supplied(kind)).dispose?.()
          taken.push(`${name}.${option}`)
        } catch (error) {
          if (!isMetricLearningError(error)) taken.push(`${name}.${option}: ${String(error)}`)
        }
      }
    }
    expect(taken).toEqual([])
  })

  it('is all that packages export', () => {
    const exported = (exports: object, suffix: string, base: RegExp) => Object.keys(exports).filter((name) => name.endsWith(suffix) && /^[A-Z]/.test(name) && !base.test(name)).sort()
    const registered = (kind: Kind) => Object.keys(KINDS[kind]).sort()
    expect(registered('losses')).toEqual([...exported(losses, 'Loss', /^$/), 'CrossBatchMemory', 'MultipleLosses'].sort())
    expect(registered('miners')).toEqual([...exported(miners, 'Miner', /^$/), 'EmbeddingsAlreadyPackagedAsTriplets'].sort())
    expect(registered('reducers')).toEqual([...exported(reducers, 'Reducer', /^(Selection|Weighted)/), 'MultipleReducers'].sort())
    expect(registered('regularizers')).toEqual(exported(regularizers, 'Regularizer', /^Base/))
    expect(registered('distances')).toEqual([...exported(distances, 'Distance', /^Base/), ...exported(distances, 'Similarity', /^$/)].sort())
  })
})

describe('Registry', () => {
  it('gives options, parts within, and what the experiment supplies', () => {
    const loss = registry.build<TripletMarginLoss>('losses', { TripletMarginLoss: { margin: 0.3, distance: { CosineSimilarity: {} } } }, 'loss', { seed: 5, numClasses: 3 })
    expect(loss.margin).toBe(0.3)
    expect(loss.seed).toBe(5)
    expect(loss.distance).toBeInstanceOf(CosineSimilarity)
  })

  it('says where a part refuses what it is given', () => {
    expect(() => registry.build('losses', { TripletMarginLoss: { margin: 'wide' } }, 'methods.T.objectives.0.loss')).toThrow(/TripletMarginLoss: wanted `margin`.*\(in methods\.T\.objectives\.0\.loss\.TripletMarginLoss\)/)
  })

  it('takes parts of one’s own from packages and files', async () => {
    const folder = fileURLToPath(new URL('..', import.meta.url))
    const own = await Registry.importing({ data: { './toy-data.fixture.ts#toyData': { classes: 6 } }, scheme: '@metric-learning/core#metricLossOnly' }, folder)
    expect((own.build('dataSets', { './toy-data.fixture.ts#toyData': { classes: 6 } }, 'data') as ReturnType<typeof toyData>).train.classNames).toHaveLength(6)
    expect(metricLossOnly).toBeTypeOf('function')
    await expect(Registry.importing(['@nowhere/at-all#Part'], folder)).rejects.toThrow(OptionError)
    await expect(Registry.importing(['./toy-data.fixture.ts#toyDatas'], folder)).rejects.toThrow('Did you mean `toyData`?')
  })
  it('hands parts of one’s own that declare no options what their kind can’t do without', async () => {
    const { train } = toyData()
    const templates = fileURLToPath(new URL('../../../create-metric-learning-plugin/templates', import.meta.url))
    const [sampler, tester, scheme, plain] = [`${templates}/sampler/example-sampler.ts#ExampleSampler`, `${templates}/tester/example-tester.ts#ExampleTester`, './registry/own-parts.fixture.ts#ownScheme', './registry/own-parts.fixture.ts#PlainLoss'] as const
    const own = await Registry.importing([sampler, tester, scheme, plain, './registry/own-parts.fixture.ts#DrawingLoss'], fileURLToPath(new URL('..', import.meta.url)))
    const complaints = (kind: Kind, spec: unknown) => {
      const found: string[] = []
      own.check(kind, spec, 'at', (...fault) => found.push(fault.join('; ')))
      return found
    }
    expect([complaints('samplers', { [sampler]: { batchSize: 8 } }), complaints('testers', tester), complaints('schemes', scheme)]).toEqual([[], [], []])
    expect(own.build('samplers', { [sampler]: { batchSize: 8, exponent: 1 } }, 'sampler', { labels: train.labels })).toMatchObject({ sampleCount: 96, batchSize: 8, exponent: 1 })
    expect(own.build('testers', tester, 'testers.0', { splits: { heldOut: train }, primaryMetric: 'between' })).toMatchObject({ name: 'ExampleTester' })
    const trunk = new ConvNet({ width: 2, blocks: 2 })
    expect(own.build<{ modules: object }>('schemes', scheme, 'scheme', { trunk, outputSize: 3 }).modules).toEqual({ trunk })
    trunk.dispose()
    expect(complaints('samplers', { [sampler]: 8 })).toEqual([expect.stringContaining('as an object')])
    // Which of all that a loss is given it knows, only itself can say.
    expect(complaints('losses', plain)).toEqual([expect.stringMatching(/^at; `declaredOptions` of .*PlainLoss.*numClasses, embeddingSize, .*seed; none; .*static declaredOptions/)])
    expect(own.build('losses', './registry/own-parts.fixture.ts#DrawingLoss', 'loss', { numClasses: 3, seed: 5 })).toMatchObject({ options: { seed: 5 } })
    expect(complaints('losses', './registry/own-parts.fixture.ts#DrawingLoss')).toEqual([])
  })
})
