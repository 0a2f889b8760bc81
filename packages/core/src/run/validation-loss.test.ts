import * as tf from '@tensorflow/tfjs-core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Dataset, Loss, PairSelection } from '@metric-learning/contracts'
import { asRelations, selectAllPairs } from '@metric-learning/ops'
import type { Plugin } from '../plugin.js'
import { centreLoss, clusters, logKeeper, toyOptions, valuesOf } from '../trainer/toy-trainer.fixture.js'
import { Trainer } from '../trainer/trainer.js'
import { validationBatches } from './validation-batches.js'

afterEach(() => {
  vi.restoreAllMocks()
})

/** Mean of w ‖x - y‖² over the selected positive pairs. */
const pull = (extra: Partial<Loss> = {}): Loss => ({
  name: 'pull',
  parameters: new Map(),
  compute(embeddings, labels, { selection } = {}) {
    const { positive } = (selection ?? selectAllPairs(asRelations(labels))) as PairSelection
    return tf.mean(tf.mul(tf.sum(tf.square(tf.sub(tf.expandDims(embeddings, 1), tf.expandDims(embeddings, 0))), 2), positive))
  },
  ...extra,
})

const heldOut = (perClass = 6): Dataset => ({ ...clusters(perClass), name: 'held out', classNames: ['w', 'x', 'y', 'z'] })

/** What a tester gives, without judging anything. */
const testing = (splits: Readonly<Record<string, Dataset>>): Plugin => ({
  name: 'testing',
  apply({ hooks }) {
    hooks.evaluate.tapPromise({ name: 'testing' }, () =>
      Promise.resolve({
        tester: 'testing',
        metrics: Object.fromEntries(Object.keys(splits).map((name) => [name, { metric: 1 }])),
        splits: Object.entries(splits).map(([name, dataset]) => ({ name, dataset, labels: dataset.labels, dim: 1, embeddings: new Float32Array(dataset.labels.length) })),
        seconds: 0,
      }),
    )
  },
})

async function run({ splits = { val: heldOut() }, ...extra }: { readonly splits?: Readonly<Record<string, Dataset>> } & Record<string, unknown> = {}, epochs = 2) {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const { plugin: logger, entries } = logKeeper()
  const trainer = new Trainer({ ...toyOptions(), objectives: [{ loss: pull() }], plugins: [logger, testing(splits)], ...extra })
  const start = new Map([...trainer.parameters].map(([name, variable]) => [name, tf.clone<tf.Tensor>(variable)]))
  await trainer.train({ epochs })
  const numbers = (tag: string) => entries.flatMap((entry) => (entry.tag === tag && entry.kind === 'scalar' ? [entry.value] : []))
  const missing = (tag: string) => entries.flatMap((entry) => (entry.tag === tag && entry.kind === 'missing' ? [entry.reason] : []))
  const values = valuesOf(trainer)
  trainer.dispose()
  return { entries, numbers, missing, start, values, warnings: warn.mock.calls.map(([message]) => String(message)) }
}

describe('The loss on a split', () => {
  it.each([true, false])('is the mean of the objectives over its batches, before training and after each epoch: compile %s', async (compile) => {
    const val = heldOut()
    const { numbers, start } = await run({ splits: { val }, compile, objectives: [{ loss: pull(), weight: 0.5 }] })
    const { dataset, sampler } = toyOptions()
    const batches = validationBatches('val', val.labels, sampler, dataset.labels, 0)
    expect(batches.map(({ length }) => length)).toEqual([8, 8, 8])
    const losses: number[] = []
    for (const rows of batches) {
      const { values } = await val.load(rows)
      const embeddings = tf.matMul(tf.matMul(tf.tensor2d(values, [8, 6]), start.get('trunk.weight') as tf.Tensor2D), start.get('embedder.weight') as tf.Tensor2D)
      losses.push(0.5 * pull().compute(embeddings as tf.Tensor2D, Array.from(rows, (row) => val.labels[row]!)).dataSync()[0]!)
    }
    const found = numbers('val/loss/pull')
    expect(found[0]).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / 3, 3)
    expect(new Set(found).size).toBe(3)
    expect(numbers('val/loss')).toEqual(found)
    for (const tag of ['norm', 'spread', 'positiveDistance', 'negativeDistance']) expect(numbers(`val/${tag}/embeddings`)).toHaveLength(3)
  })

  it.each([true, false])('sees a chunk at a time where training does: compile %s', async (compile) => {
    const sizes = new Set<number>()
    const { trunk, ...options } = toyOptions()
    const counting = () => ({ ...trunk, parameters: trunk!.parameters, buffers: trunk!.buffers, call: (x: tf.Tensor, mode: never) => (sizes.add(x.shape[0]!), trunk!.call(x, mode)) })
    const objectives = () => [{ loss: pull() }, { name: 'other', loss: pull(), weight: 0.5 }]
    const before = ({ entries }: Awaited<ReturnType<typeof run>>) =>
      entries.flatMap((entry) => (entry.tag.startsWith('val/') && entry.step === 0 && entry.kind === 'scalar' ? [[entry.tag, entry.value] as const] : []))
    const whole = before(await run({ ...options, trunk, objectives: objectives(), compile }, 1))
    const chunked = before(await run({ ...toyOptions(), objectives: objectives(), compile, chunkSize: 3 }, 1))
    expect(chunked.map(([tag]) => tag)).toEqual(whole.map(([tag]) => tag))
    expect(whole.map(([tag]) => tag)).toEqual(expect.arrayContaining(['val/loss', 'val/loss/other', 'val/norm/embeddings']))
    chunked.forEach(([, value], i) => expect(value).toBeCloseTo(whole[i]![1], 4))
    await run({ ...options, trunk: counting(), objectives: objectives(), compile, chunkSize: 3 }, 1)
    expect([...sizes].sort()).toEqual([2, 3])
  })

  it('goes by the normalization of each split', async () => {
    const pixels = (normalization?: Dataset['normalization']): Dataset => ({
      ...heldOut(40),
      ...(normalization && { normalization }),
      load: async (rows) => {
        const { values, shape } = await heldOut(40).load(rows)
        return { values: Uint8Array.from(values, (value) => 128 + 30 * value), shape }
      },
    })
    const scaled = pixels({ mean: [0.5], std: [0.1] })
    const { numbers } = await run({ splits: { plain: pixels(), scaled } }, 1)
    const alone = await run({ splits: { scaled } }, 1)
    expect(numbers('scaled/loss')).toHaveLength(2)
    expect(numbers('scaled/loss')).toEqual(alone.numbers('scaled/loss'))
  })

  it('changes nothing of a run, and leaves no tensor behind', async () => {
    const { values } = await run()
    const without = await run({ unlogged: ['validationLoss'] })
    expect(without.values).toEqual(values)
    expect(without.entries.filter(({ tag }) => tag.startsWith('val/loss'))).toEqual([])
    const counts: number[] = []
    const counting: Plugin = {
      name: 'counting',
      apply({ hooks }) {
        hooks.epochStart.tap({ name: 'counting' }, () => void counts.push(tf.memory().numTensors))
        hooks.log.tap({ name: 'counting' }, () => undefined)
      },
    }
    for (const [compile, chunkSize] of [[true, 8], [false, 8], [true, 3], [false, 3]]) {
      counts.length = 0
      await run({ compile, chunkSize, plugins: [counting, testing({ val: heldOut() })] }, 4)
      expect(counts.slice(2)).toEqual(counts.slice(2).map(() => counts[2]))
    }
  })

  it('has no value where a loss is about other classes, or remembers them, and says so once', async () => {
    const objectives = [{ loss: pull() }, { loss: centreLoss() }, { name: 'memory', loss: pull({ name: 'Memory', remembersBatches: true }) }]
    const { numbers, missing, warnings } = await run({ objectives })
    expect(numbers('val/loss/pull')).toHaveLength(3)
    const reasons = [
      'centre has no loss on val: centre is about the classes of training, and these are others.',
      'memory has no loss on val: Memory compares with earlier batches, which are of other classes.',
    ]
    expect(missing('val/loss/centre')).toEqual(Array(3).fill(reasons[0]))
    expect(missing('val/loss/memory')).toEqual(Array(3).fill(reasons[1]))
    expect(missing('val/loss')).toEqual(Array(3).fill(reasons[0]))
    expect(numbers('val/loss')).toEqual([])
    expect(warnings.filter((warning) => warning.includes('has no loss'))).toEqual(reasons)
  })

  it('has one where the classes are those of training', async () => {
    const { numbers, missing } = await run({ splits: { val: clusters(5) }, objectives: [{ loss: centreLoss() }] })
    expect(numbers('val/loss/centre')).toHaveLength(3)
    expect(missing('val/loss')).toEqual([])
  })

  it.each<[string, readonly string[], readonly string[], boolean]>([
    ['has none where the classes of the column that an objective goes by are others', ['red', 'black'], ['red', 'green'], false],
    ['has none where there are more of them', ['red', 'black'], ['red', 'black', 'blue'], false],
    ['has one where these are the same, of other classes, too', ['red', 'black'], ['red', 'black'], true],
  ])('%s', async (_, trained, judged, hasOne) => {
    const coloured = (dataset: Dataset, names: readonly string[]): Dataset => ({
      ...dataset,
      columns: { colour: { labels: Int32Array.from(dataset.labels, (_label, row) => row % names.length), classNames: names } },
    })
    const { numbers, missing } = await run({
      splits: { val: coloured(hasOne ? heldOut() : clusters(6), judged) },
      dataset: coloured(clusters(), trained),
      objectives: [{ loss: { ...centreLoss(), overClasses: true, numClasses: 2, checkLabels: (labels: Int32Array) => { if (labels.some((label) => label > 1)) throw new Error('a label that the loss does not know') } }, labels: 'colour' }],
    }, 1)
    expect(numbers('val/loss/centre')).toHaveLength(hasOne ? 2 : 0)
    expect(missing('val/loss/centre')[0]).toBe(hasOne ? undefined : 'centre has no loss on val: centre is about the classes of training, and these are others.')
  })

  it('refuses samples that are not those asked for, which would be compared with the labels of others', async () => {
    const val: Dataset = { ...clusters(), name: 'short', load: () => Promise.resolve({ values: new Float32Array(6), shape: [1, 6] }) }
    await expect(run({ splits: { val } }, 1)).rejects.toThrow('short')
  })

  it('has no value without the label column or the views that are compared', async () => {
    const dataset = { ...clusters(), columns: { family: { labels: Int32Array.from(clusters().labels, (label) => label % 2) } } }
    const { missing } = await run({ dataset, objectives: [{ loss: pull(), labels: 'family' }] }, 1)
    expect(missing('val/loss/pull')[0]).toBe('pull has no loss on val: it has no label column "family".')
  })

  it('of a split that is called train goes by the name of its tester, for batches of training log there', async () => {
    const { numbers, entries } = await run({ splits: { train: clusters() } }, 1)
    expect(numbers('testing/train/loss')).toHaveLength(2)
    expect(entries.filter(({ tag, step }) => tag === 'train/loss' && step === 0)).toEqual([])
  })

  it('that is not finite has no value, and leaves the end of the run to training', async () => {
    const { missing } = await run({ splits: { val: { ...heldOut(), load: (rows) => Promise.resolve({ values: new Float32Array(rows.length * 6).fill(NaN), shape: [rows.length, 6] }) } } }, 1)
    expect(missing('val/loss/pull')[0]).toContain('finite')
  })
})

describe('validationBatches', () => {
  const sampler = { name: 'pairs', batchSize: 8, batchesPerEpoch: 2, batch: () => Int32Array.of(0, 4, 1, 5, 2, 6, 3, 7) }
  const trained = Int32Array.from({ length: 8 }, (_, row) => row % 4)

  it('have as many samples of a class as those of training, each sample once, the same for one seed', () => {
    const labels = Int32Array.from({ length: 40 }, (_, row) => row % 5)
    const batches = validationBatches('val', labels, sampler, trained, 1)
    expect(batches.map(({ length }) => length)).toEqual([8, 8, 8, 8, 8])
    const rows = batches.flatMap((batch) => [...batch])
    expect(new Set(rows).size).toBe(40)
    for (const batch of batches) for (let i = 0; i < 8; i += 2) expect(labels[batch[i]!]).toBe(labels[batch[i + 1]!])
    expect(validationBatches('val', labels, sampler, trained, 1)).toEqual(batches)
    expect(validationBatches('val', labels, sampler, trained, 2)).not.toEqual(batches)
  })

  it('are found at once in a class of many samples', () => {
    const started = performance.now()
    expect(validationBatches('val', new Int32Array(100_000), sampler, trained, 0)).toHaveLength(50)
    expect(performance.now() - started).toBeLessThan(3000)
  })

  it('are without classes of one sample, at most 50, and smaller where the split is', () => {
    expect(validationBatches('val', Int32Array.of(0, 0, 1, 2, 2), sampler, trained, 0).map((rows) => [...rows].sort())).toEqual([[0, 1, 3, 4]])
    expect(validationBatches('val', Int32Array.from({ length: 800 }, (_, row) => row >> 2), sampler, trained, 0)).toHaveLength(50)
    expect(validationBatches('val', Int32Array.of(0, 1, 2), sampler, trained, 0)).toHaveLength(1)
  })
})
