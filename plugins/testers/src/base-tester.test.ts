import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { DataError, LabelError, OptionError, ShapeError, StateError, type Loss } from '@metric-learning/contracts'
import { Trainer, type EvalEndContext, type LogEntry, type Plugin } from '@metric-learning/core'
import { AccuracyCalculator } from '@metric-learning/evaluation'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BaseTester } from './base-tester.js'
import { GlobalEmbeddingSpaceTester } from './global-embedding-space-tester.js'
import type { Comparison, TesterOptions } from './tester-options.js'
import { families, fiveSteps, rowsDataset, scaled } from './toy-tests.fixture.js'

/** How far embeddings are from the origin, on the mean. */
class NormTester extends BaseTester {
  readonly seen: Comparison[] = []

  constructor(options: TesterOptions) {
    super({ name: 'NormTester', metricNames: ['norm'], primaryMetric: 'norm' }, options)
  }

  protected override judge(comparison: Comparison) {
    this.seen.push(comparison)
    const { embeddings, dim, labels } = comparison.query
    comparison.onProgress(labels.length, labels.length)
    const norms = Array.from(labels, (_, row) => Math.hypot(...embeddings.subarray(row * dim, (row + 1) * dim)))
    return { metrics: { norm: norms.reduce((sum, norm) => sum + norm, 0) / norms.length } }
  }
}

const fewMetrics = new AccuracyCalculator({ include: ['precisionAt1', 'meanAveragePrecisionAtR'] })
const val = families(40, 6, 1)
const train = families(60, 6, 2)

describe('a tester of one’s own', () => {
  it('judges what it is given, in a run and alone', async () => {
    const tester = new NormTester({ splits: { val: { dataset: val, references: ['val', 'train'] }, train: { dataset: train, query: false } }, normalizeEmbeddings: false })
    const { metrics, splits, accuracies } = await tester.test({ trunk: scaled(6) })
    expect(metrics['val']!['norm']).toBeGreaterThan(1)
    expect(accuracies['val']!.metrics).toEqual(metrics['val'])
    const [{ query, reference, refIncludesQuery, level }] = tester.seen as [Comparison]
    expect([query.labels.length, reference.labels.length, refIncludesQuery, level]).toEqual([40, 100, true, 0])
    expect(reference.embeddings.subarray(0, query.embeddings.length)).toEqual(query.embeddings)
    expect(reference.labels.subarray(0, 40)).toEqual(query.labels)
    expect(splits.map(({ name }) => name)).toEqual(['val', 'train'])

    const inRun = new NormTester({ splits: { val } })
    await fiveSteps(val, inRun).train({ epochs: 1 })
    expect(inRun.best).toEqual({ epoch: 0, value: expect.closeTo(1, 5) as number, metric: 'norm', split: 'val' })
  })
})

describe('label levels', () => {
  it('are judged each by itself, with their mean under the name of the metric', async () => {
    const of = async (labels: string | string[]) => {
      const tester = new GlobalEmbeddingSpaceTester({ splits: { val }, labels, accuracyCalculator: fewMetrics })
      const result = await tester.test({ trunk: scaled(6) })
      tester.dispose()
      return result
    }
    const [fine, coarse, both] = [await of('labels'), await of('family'), await of(['labels', 'family'])]
    const metric = 'meanAveragePrecisionAtR'
    expect(fine.metrics['val']![metric]).not.toBe(coarse.metrics['val']![metric])
    expect(both.metrics['val']).toEqual({
      precisionAt1: (fine.metrics['val']!['precisionAt1']! + coarse.metrics['val']!['precisionAt1']!) / 2,
      [metric]: (fine.metrics['val']![metric]! + coarse.metrics['val']![metric]!) / 2,
      'labels/precisionAt1': fine.metrics['val']!['precisionAt1'],
      [`labels/${metric}`]: fine.metrics['val']![metric],
      'family/precisionAt1': coarse.metrics['val']!['precisionAt1'],
      [`family/${metric}`]: coarse.metrics['val']![metric],
    })
    expect(Object.keys(both.accuracies)).toEqual(['val/labels', 'val/family'])
    expect(both.splits[0]!.dataset.classNames).toEqual(val.classNames)
  })

  it('have no mean where one has no result, and say which', async () => {
    const one = { ...val, columns: { order: { labels: new Int32Array(40) } } }
    const tester = new GlobalEmbeddingSpaceTester({ splits: { one }, labels: ['labels', 'order'], accuracyCalculator: fewMetrics })
    const { metrics, reasons, descriptions } = await tester.test({ trunk: scaled(6) })
    expect(metrics['one']).toMatchObject({ precisionAt1: null, 'order/precisionAt1': null, 'labels/precisionAt1': expect.any(Number) as number })
    expect(reasons['one']).toMatchObject({ precisionAt1: 'order: All references match.', 'order/precisionAt1': 'All references match.' })
    expect(descriptions['order/precisionAt1']).toMatchObject({ label: 'P@1, order', better: 'larger' })
  })

  it('may be what the best evaluation goes by, per-class results and all', async () => {
    const accuracyCalculator = new AccuracyCalculator({ include: ['precisionAt1'], returnPerClass: true })
    const tester = new GlobalEmbeddingSpaceTester({ splits: { val }, labels: ['labels', 'family'], accuracyCalculator, primaryMetric: 'family/precisionAt1' })
    await fiveSteps(val, tester).train({ epochs: 0 })
    expect(tester.best).toMatchObject({ metric: 'family/precisionAt1' })
    const { accuracies } = await tester.test({ trunk: scaled(6) })
    expect(accuracies['val/family']!.perClass!.labels).toEqual([[0], [1]])
  })

  it('leave the losses of the run a split as it was given, with all its columns', async () => {
    const loss: Loss = { name: 'sum', parameters: new Map(), compute: (x) => tf.sum(x) as tf.Scalar }
    const entries: LogEntry[] = []
    const logger: Plugin = { name: 'logger', apply: ({ hooks }) => hooks.log.tap({ name: 'logger' }, (entry) => (entries.push(entry), undefined)) }
    const { sampler } = fiveSteps(train).options
    const tester = new NormTester({ splits: { val }, labels: 'family' })
    const trainer = new Trainer({ trunk: scaled(6), dataset: train, sampler, objectives: [{ loss, labels: 'family' }], plugins: [tester, logger] })
    await trainer.train({ epochs: 0 })
    expect(entries.filter(({ tag }) => tag === 'val/loss')).toMatchObject([{ kind: 'scalar', step: 0 }])
    trainer.dispose()
  })
})

describe('pca', () => {
  it('is worked out on the references, and applied to both', async () => {
    const tester = new GlobalEmbeddingSpaceTester({
      splits: { val: { dataset: val, references: ['train'] }, own: val, train: { dataset: train, query: false } },
      pca: 2,
      normalizeEmbeddings: false,
      accuracyCalculator: fewMetrics,
    })
    const { splits } = await tester.test({ trunk: scaled(6) })
    expect(splits.map(({ name, dim, embeddings }) => [name, dim, embeddings.length])).toEqual([
      ['val', 2, 80],
      ['own', 2, 80],
      ['train', 2, 120],
    ])
    const mean = (values: Float32Array, i: number) => values.reduce((sum, value, at) => sum + (at % 2 === i ? value : 0), 0) / (values.length / 2)
    const [ofVal, own, ofTrain] = splits.map(({ embeddings }) => embeddings) as [Float32Array, Float32Array, Float32Array]
    // References are centred; what is looked up among others is not, and lies in their basis.
    for (const i of [0, 1]) expect(mean(ofTrain, i)).toBeCloseTo(0, 4)
    for (const i of [0, 1]) expect(mean(own, i)).toBeCloseTo(0, 4)
    expect(Math.hypot(mean(ofVal, 0), mean(ofVal, 1))).toBeGreaterThan(0.1)
  })

  it('gives a split looked up in itself the same whatever other splits there are, normalised after it', async () => {
    const of = async (splits: TesterOptions['splits']) =>
      (await new GlobalEmbeddingSpaceTester({ splits, pca: 3, accuracyCalculator: fewMetrics }).test({ trunk: scaled(6) })).splits[0]!.embeddings
    const alone = await of({ val })
    expect(await of({ val, train })).toEqual(alone)
    for (let row = 0; row < 40; row++) expect(Math.hypot(...alone.subarray(3 * row, 3 * row + 3))).toBeCloseTo(1, 5)
  })

  it('is refused beyond the references, and beyond what the model gives', async () => {
    const few = rowsDataset([0, 0, 1], [[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]])
    expect(() => new GlobalEmbeddingSpaceTester({ splits: { few }, pca: 4 })).toThrow(OptionError)
    expect(() => new GlobalEmbeddingSpaceTester({ splits: { few: { dataset: few, references: ['few', 'more'] }, more: { dataset: few, query: false } }, pca: 4 })).not.toThrow()
    const tester = () => new GlobalEmbeddingSpaceTester({ splits: { val }, pca: 7 })
    expect(() => fiveSteps(val, tester())).toThrow(ShapeError)
    await expect(tester().test({ trunk: scaled(6) })).rejects.toThrow(ShapeError)
  })
})

describe('embeddings beyond the budget', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tester-'))
    vi.stubEnv('TMPDIR', folder)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })
  const openFiles = () => readdirSync('/proc/self/fd').length
  const splits = { val: { dataset: val, references: ['val', 'train'] }, train: { dataset: train, references: ['val'] } }

  it.each([undefined, 2])('are judged as those in memory, with pca %s', async (pca) => {
    const options = { splits, ...(pca !== undefined && { pca }), accuracyCalculator: fewMetrics, batchSize: 16 }
    const [inMemory, inFiles] = [new GlobalEmbeddingSpaceTester(options), new GlobalEmbeddingSpaceTester({ ...options, embeddingBytes: 0 })]
    const before = openFiles()
    const [wanted, found] = [await inMemory.test({ trunk: scaled(6) }), await inFiles.test({ trunk: scaled(6) })]
    expect(found.metrics).toEqual(wanted.metrics)
    found.splits.forEach(({ embeddings }, i) => expect(embeddings).toEqual(wanted.splits[i]!.embeddings))
    expect(openFiles()).toBeGreaterThan(before)
    expect(readdirSync(folder)).toEqual([])
    inFiles.dispose()
    expect(openFiles()).toBe(before)
    expect(() => found.splits[0]!.embeddings).toThrow(StateError)
  })

  it('leave no file behind where a test fails', async () => {
    const before = openFiles()
    const endOfTestingHook = () => Promise.reject(new Error('no room'))
    const tester = new GlobalEmbeddingSpaceTester({ splits: { val }, embeddingBytes: 0, accuracyCalculator: fewMetrics, endOfTestingHook })
    await expect(tester.test({ trunk: scaled(6) })).rejects.toThrow('no room')
    expect(openFiles()).toBe(before)
    const diverged = new GlobalEmbeddingSpaceTester({ splits: { val }, embeddingBytes: 0, accuracyCalculator: fewMetrics })
    await expect(diverged.test({ trunk: scaled(6, NaN) })).rejects.toThrow('wanted embeddings of split "val" to be finite')
    expect(openFiles()).toBe(before)
    diverged.dispose()
    tester.dispose()
  })
})

describe('everySteps', () => {
  const listening = () => {
    const heard: unknown[] = []
    const plugin: Plugin = {
      name: 'listening',
      apply: ({ hooks }) => {
        hooks.batchEnd.tap({ name: 'listening' }, ({ step }) => void heard.push(`step ${step}`) as undefined)
        hooks.evalEnd.tap({ name: 'listening' }, ({ step, tester }: EvalEndContext) => void heard.push(`${tester} at ${step}`) as undefined)
      },
    }
    return { heard, plugin }
  }

  it('judges within epochs, before the step is reported, and at the end of the run', async () => {
    const { heard, plugin } = listening()
    const often = new NormTester({ name: 'often', splits: { val }, everySteps: 3, beforeTraining: false })
    const rarely = new NormTester({ name: 'rarely', splits: { val }, beforeTraining: false })
    await fiveSteps(val, plugin, often, rarely).train({ epochs: 2 })
    expect(heard.filter((what) => String(what).includes('at'))).toEqual(['often at 3', 'rarely at 5', 'often at 6', 'often at 9', 'often at 10', 'rarely at 10'])
    expect(heard.indexOf('often at 3')).toBe(heard.indexOf('step 3') - 1)
  })

  it('goes on in a resumed run as in one that was never stopped', async () => {
    const run = (...plugins: Plugin[]) => fiveSteps(val, new NormTester({ splits: { val }, everySteps: 2 }), ...plugins)
    const stopAfter = (stop: number): Plugin => ({
      name: 'stop',
      apply: (trainer) => {
        trainer.hooks.batchEnd.tap({ name: 'stop' }, ({ step }) => (step === stop ? void trainer.stop('enough') as undefined : undefined))
      },
    })
    const whole = listening()
    await run(whole.plugin).train({ epochs: 2 })
    const evaluations = (heard: unknown[]) => heard.filter((what) => String(what).includes('at'))
    for (const stop of [4, 7, 8]) {
      const [before, after] = [listening(), listening()]
      const first = run(before.plugin, stopAfter(stop))
      await first.train({ epochs: 2 })
      const second = run(after.plugin)
      await second.restore(await first.state())
      await second.train({ epochs: 2 })
      expect(evaluations([...before.heard, ...after.heard])).toEqual(evaluations(whole.heard))
    }
  })
})

describe('testers refuse', () => {
  const other = rowsDataset([0, 1], [[[1, 2], [3, 4]]])
  const refused: [string, object, new (...args: never[]) => Error][] = [
    ['references of another dimension', { splits: { val: { dataset: val, references: ['other'] }, other } }, ShapeError],
    ['a level that is not there', { splits: { val }, labels: ['labels', 'order'] }, LabelError],
    ['a level twice', { splits: { val }, labels: ['family', 'family'] }, OptionError],
    ['no level', { splits: { val }, labels: [] }, OptionError],
    ['epochs and steps', { splits: { val }, everyEpochs: 1, everySteps: 10 }, OptionError],
    ['no step', { splits: { val }, everySteps: 0 }, OptionError],
    ['no component', { splits: { val }, pca: 0 }, OptionError],
    ['a budget that is no number', { splits: { val }, embeddingBytes: -1 }, OptionError],
    ['the metric of a level that is not judged', { splits: { val }, primaryMetric: 'family/norm' }, OptionError],
    ['an empty split that is only looked up', { splits: { val: { dataset: val, references: ['none'] }, none: { dataset: { ...val, labels: new Int32Array() }, query: false } } }, DataError],
  ]
  it.each(refused)('%s', (_, options, error) => {
    expect(() => new NormTester(options as TesterOptions)).toThrow(error)
  })
})

it('leaves no tensor behind', async () => {
  const trunk = scaled(6)
  const before = tf.memory().numTensors
  const tester = new GlobalEmbeddingSpaceTester({ splits: { val, train }, labels: ['labels', 'family'], pca: 2, embeddingBytes: 0 })
  await tester.test({ trunk })
  tester.dispose()
  expect(tf.memory().numTensors).toBe(before)
})
