import * as tf from '@tensorflow/tfjs-core'
import {
  DataError,
  LabelError,
  OptionError,
  PluginError,
  StateError,
  type Dataset,
  type Loss,
  type Module,
} from '@metric-learning/contracts'
import { Trainer, type EvalEndContext, type Plugin } from '@metric-learning/core'
import { AccuracyCalculator } from '@metric-learning/evaluation'
import { describe, expect, it } from 'vitest'
import { GlobalEmbeddingSpaceTester, type GlobalEmbeddingSpaceTesterOptions } from './global-embedding-space-tester.js'

/** A plain set of points in the plane. */
function points(name: string, ...samples: { readonly at: [number, number]; readonly label: number }[]): Dataset {
  return {
    name,
    labels: Int32Array.from(samples, ({ label }) => label),
    classNames: ['left', 'right', 'other'],
    sampleShape: [2],
    load: (rows) =>
      Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => samples[row]!.at)), shape: [rows.length, 2] }),
  }
}

/** x → x · scale, with a variable for each coordinate. */
function scaling(name: string, ...scale: [number, number]): Module & { readonly scale: tf.Variable } {
  const variable = tf.variable(tf.tensor1d(scale))
  return {
    name,
    scale: variable,
    parameters: new Map([['scale', variable]]),
    buffers: new Map(),
    outputSize: 2,
    call: (inputs) => tf.mul(inputs, variable),
    dispose: () => {
      variable.dispose()
    },
  }
}

/** Neighbours agree by the first coordinate, not by the second. */
const val = points(
  'val',
  { at: [1, 0.9], label: 0 },
  { at: [1.1, -0.9], label: 0 },
  { at: [-1, 1], label: 1 },
  { at: [-1.1, -1], label: 1 },
)
/** Looked up together with `val`, its points are the nearest ones, of another class. */
const distractors = points('distractors', { at: [1, 0.8], label: 2 }, { at: [-1, 0.9], label: 2 })
const model = () => ({ trunk: scaling('trunk', 1, 1), embedder: scaling('embedder', 1, 0.1) })

const loss: Loss = {
  name: 'none',
  parameters: new Map(),
  compute: (embeddings) => tf.mul(tf.sum(embeddings), 0) as tf.Scalar,
}

/** A trainer whose embedder looks at the second coordinate more and more: accuracy falls epoch by epoch. */
function trainer(...plugins: Plugin[]) {
  const { trunk, embedder } = model()
  const worsen: Plugin = {
    name: 'worsen',
    apply: ({ hooks }) => {
      hooks.epochStart.tap({ name: 'worsen' }, ({ epoch }) => {
        embedder.scale.assign(tf.tensor1d([1, epoch * 10]))
        return undefined
      })
    },
  }
  const sampler = { name: 'pair', batchSize: 2, batchesPerEpoch: 1, batch: () => Int32Array.of(0, 1) }
  return new Trainer({ trunk, embedder, dataset: val, sampler, objectives: [{ loss }], plugins: [worsen, ...plugins] })
}

function recorder() {
  const evaluations: EvalEndContext[] = []
  const plugin: Plugin = {
    name: 'recorder',
    apply: ({ hooks }) => {
      hooks.evalEnd.tap({ name: 'recorder' }, (context) => {
        evaluations.push(context)
      })
    },
  }
  return { evaluations, plugin }
}

describe('GlobalEmbeddingSpaceTester.test', () => {
  it('judges each split by itself, in batches, and leaves no tensor behind', async () => {
    const tester = new GlobalEmbeddingSpaceTester({ splits: { val, distractors }, batchSize: 3 })
    const tested = model()
    const before = tf.memory().numTensors
    const { metrics, splits, accuracies } = await tester.test(tested)
    expect(tf.memory().numTensors).toBe(before)
    expect(Object.keys(metrics)).toEqual(['val', 'distractors'])
    expect(metrics.val).toMatchObject({ precisionAt1: 1, meanAveragePrecisionAtR: 1, NMI: expect.closeTo(1, 9) })
    expect(Object.keys(metrics.val!)).toHaveLength(7)
    expect(accuracies.val).toMatchObject({ loneQueries: 0, certain: {}, warnings: [] })
    expect(splits.map(({ name, dim, labels }) => [name, dim, labels.length])).toEqual([
      ['val', 2, 4],
      ['distractors', 2, 2],
    ])
  })

  it('judges what the embedder gives, normalised, unless told otherwise', async () => {
    const embeddingsOf = async (options: object, tested: object = {}) => {
      const tester = new GlobalEmbeddingSpaceTester({ splits: { val }, ...options })
      const { splits } = await tester.test({ ...model(), ...tested })
      return Array.from(splits[0]!.embeddings.subarray(0, 2), (value) => Number(value.toFixed(4)))
    }
    const norm = Math.hypot(1, 0.09)
    expect(await embeddingsOf({})).toEqual([1 / norm, 0.09 / norm].map((value) => Number(value.toFixed(4))))
    expect(await embeddingsOf({ normalizeEmbeddings: false })).toEqual([1, 0.09])
    expect(await embeddingsOf({ normalizeEmbeddings: false, useTrunkOutput: true })).toEqual([1, 0.9])
    expect(await embeddingsOf({ normalizeEmbeddings: false }, { embedder: scaling('embedder', 2, 2) })).toEqual([2, 1.8])
    const trunkOnly = await new GlobalEmbeddingSpaceTester({ splits: { val } }).test({ trunk: scaling('trunk', 1, 0) })
    expect(trunkOnly.metrics.val?.precisionAt1).toBe(1)
  })

  it('looks neighbours up among reference sets, and changes nothing of the options', async () => {
    const splits = Object.freeze({
      val: Object.freeze({ dataset: val, references: Object.freeze(['distractors', 'val']) }),
      distractors: Object.freeze({ dataset: distractors, query: false }),
    })
    const tester = new GlobalEmbeddingSpaceTester({ splits, normalizeEmbeddings: false })
    const { metrics, splits: embedded } = await tester.test(model())
    expect(Object.keys(metrics)).toEqual(['val'])
    expect(embedded.map(({ name }) => name)).toEqual(['val', 'distractors'])
    // Each positive loses its first rank to a distractor, but not to the query itself.
    expect(metrics.val).toMatchObject({ precisionAt1: 0, meanReciprocalRank: 0.5, rPrecision: 0, NMI: expect.closeTo(1, 9) })
    expect(splits.val.references).toEqual(['distractors', 'val'])

    const apart = new GlobalEmbeddingSpaceTester({
      splits: { val: { dataset: val, references: ['distractors'] }, distractors: { dataset: distractors, query: false } },
    })
    const { metrics: alone, warnings } = await apart.test(model())
    expect(alone.val?.precisionAt1).toBeNull()
    expect(warnings).toEqual(['val: No query has a match among the references: ranking metrics have no value.'])
  })

  it('judges by another label column, in which classes may have other names', async () => {
    const columns = { side: { labels: Int32Array.of(0, 1, 0, 1), classNames: ['up', 'down'] } }
    const tester = new GlobalEmbeddingSpaceTester({ splits: { val: { ...val, columns } }, labels: 'side' })
    const { metrics, splits } = await tester.test(model())
    // By the second coordinate, which the embedder shrinks.
    expect(metrics.val!.precisionAt1).toBe(0)
    expect([...splits[0]!.labels]).toEqual([0, 1, 0, 1])
    expect(splits[0]!.dataset.classNames).toEqual(['up', 'down'])
  })

  it('ends with the hook that was given', async () => {
    const seen: (number | null | undefined)[] = []
    const tester = new GlobalEmbeddingSpaceTester({
      splits: { val },
      accuracyCalculator: new AccuracyCalculator({ include: ['precisionAt1'] }),
      primaryMetric: 'precisionAt1',
      endOfTestingHook: async ({ metrics }) => {
        seen.push(await Promise.resolve(metrics.val?.precisionAt1))
      },
    })
    const { metrics } = await tester.test(model())
    expect(metrics).toEqual({ val: { precisionAt1: 1 } })
    expect(seen).toEqual([1])
  })
})

describe('GlobalEmbeddingSpaceTester in a trainer', () => {
  it('gives no metrics that cannot fail, says so, and never takes them for the best', async () => {
    const tester = new GlobalEmbeddingSpaceTester({ splits: { distractors } })
    const { evaluations, plugin } = recorder()
    await trainer(tester, plugin).train({ epochs: 1 })
    expect(evaluations.map(({ metrics, isBest }) => [Object.values(metrics['distractors']!).every((value) => value === null), isBest])).toEqual([
      [true, false],
      [true, false],
    ])
    expect(evaluations[0]!.reasons['distractors']).toMatchObject({ precisionAt1: 'All references match.', AMI: 'All queries are of one class.' })
    expect(evaluations[0]!.warnings).toEqual([
      'distractors: All references match: ranking metrics cannot fail.',
      'distractors: All queries are of one class: AMI and NMI cannot fail.',
    ])
    expect(tester.best).toBeUndefined()
  })

  it('evaluates before training and after each epoch, and knows the best', async () => {
    const tester = new GlobalEmbeddingSpaceTester({ splits: { val } })
    const { evaluations, plugin } = recorder()
    await trainer(tester, plugin).train({ epochs: 2 })
    expect(evaluations.map(({ epoch, isBest }) => [epoch, isBest])).toEqual([
      [0, true],
      [1, false],
      [2, false],
    ])
    expect(evaluations.map(({ metrics }) => metrics.val?.precisionAt1)).toEqual([1, 0, 0])
    expect(evaluations[0]).toMatchObject({ tester: tester.name, warnings: [], seconds: expect.any(Number) })
    expect(tester.best).toEqual({ epoch: 0, value: 1, metric: 'meanAveragePrecisionAtR', split: 'val' })
  })

  it('reports how far it is', async () => {
    const tester = new GlobalEmbeddingSpaceTester({ name: 'few', splits: { val }, batchSize: 2 })
    const told: unknown[][] = []
    const listener: Plugin = {
      name: 'listener',
      apply: ({ hooks }) => {
        hooks.evalProgress.tap({ name: 'listener' }, ({ tester, task, done, total, epoch, epochs, step }) => {
          told.push([tester, task, done, total, epoch, epochs, step])
        })
      },
    }
    await trainer(tester, listener).train({ epochs: 0 })
    expect(told.map((progress) => progress.slice(0, 4).join(' '))).toEqual([
      'few embedding val 2 4',
      'few embedding val 4 4',
      'few ranking val 4 4',
    ])
    expect(told[0]!.slice(4)).toEqual([0, 0, 0])
  })

  it('evaluates every so many epochs, and after the last', async () => {
    const tester = new GlobalEmbeddingSpaceTester({ splits: { val }, everyEpochs: 2, beforeTraining: false })
    const { evaluations, plugin } = recorder()
    await trainer(plugin, tester).train({ epochs: 5 })
    expect(evaluations.map(({ epoch }) => epoch)).toEqual([2, 4, 5])
  })

  it('knows the best of a run that was resumed', async () => {
    const first = trainer(new GlobalEmbeddingSpaceTester({ splits: { val } }))
    await first.train({ epochs: 1 })
    const tester = new GlobalEmbeddingSpaceTester({ splits: { val } })
    const { evaluations, plugin } = recorder()
    const resumed = trainer(tester, plugin)
    await resumed.restore(await first.state())
    expect(tester.best).toMatchObject({ epoch: 0, value: 1 })
    await resumed.train({ epochs: 2 })
    expect(evaluations.map(({ epoch, isBest }) => [epoch, isBest])).toEqual([[2, false]])
  })

  it('refuses to compare with the best by another metric', () => {
    const saved = new GlobalEmbeddingSpaceTester({ splits: { val }, primaryMetric: 'NMI' })
    saved.restore({ values: { best: { epoch: 1, value: 0.5, metric: 'NMI', split: 'val' } } })
    const tester = new GlobalEmbeddingSpaceTester({ splits: { val } })
    expect(() => tester.restore(saved.state())).toThrow(StateError)
    expect(tester.best).toBeUndefined()
    saved.restore(tester.state())
    expect(saved.best).toBeUndefined()
  })

  it('belongs to one trainer', () => {
    const tester = new GlobalEmbeddingSpaceTester({ splits: { val } })
    trainer(tester)
    expect(() => trainer(tester)).toThrow(PluginError)
  })
})

describe('GlobalEmbeddingSpaceTester refuses', () => {
  const refused: [string, object, typeof OptionError | typeof DataError | typeof LabelError][] = [
    ['an unknown option', { splits: { val }, referenceSet: 'val' }, OptionError],
    ['no splits', { splits: {} }, OptionError],
    ['nothing to judge', { splits: { val: { dataset: val, query: false } } }, OptionError],
    ['an unknown reference', { splits: { val: { dataset: val, references: ['train'] } } }, OptionError],
    ['no references', { splits: { val: { dataset: val, references: [] } } }, OptionError],
    ['a reference named twice', { splits: { val: { dataset: val, references: ['val', 'val'] } } }, OptionError],
    ['no splits', {}, OptionError],
    ['a data set in place of splits', { splits: val }, OptionError],
    ['a split that is none', { splits: { val: undefined } }, OptionError],
    ['an empty split', { splits: { val: points('empty') } }, DataError],
    ['a metric that is not computed', { splits: { val }, primaryMetric: 'recall' }, OptionError],
    ['a primary split that is not judged', { splits: { val }, primarySplit: 'train' }, OptionError],
    ['a label column that there is not', { splits: { val }, labels: 'side' }, LabelError],
    ['one of several labels a sample', { splits: { val: { ...val, columns: { tags: { labelRows: [] } } } }, labels: 'tags' }, LabelError],
    ['no batch', { splits: { val }, batchSize: 0 }, OptionError],
    ['epochs that are no integer', { splits: { val }, everyEpochs: 0.5 }, OptionError],
  ]
  it.each(refused)('%s', (_, options, error) => {
    expect(() => new GlobalEmbeddingSpaceTester(options as GlobalEmbeddingSpaceTesterOptions)).toThrow(error)
  })

  it('says what there is', () => {
    expect(() => new GlobalEmbeddingSpaceTester({ splits: { val: { dataset: val, references: ['train'] } } })).toThrow(
      'GlobalEmbeddingSpaceTester: wanted `references` of split "val" out of val, each once, got "train". ' +
        'Give the reference set as a split of its own; with `query: false` it is not judged itself.',
    )
  })
})
