import * as tf from '@tensorflow/tfjs-core'
import type { BatchSampler, Dataset, Module, TripletIndices } from '@metric-learning/contracts'
import { toOptions, type Registry } from './construct.js'
import { expectClose, expectEqual } from './expect-close.js'
import { goldenNumber, isGoldenObject, type GoldenCase, type GoldenTensor } from './golden-case.js'

/** Epochs and batches that are looked at, at most. */
const EPOCHS = 2
const BATCHES = 200

/** What each sampler is asked for where PyTorch Metric Learning has no choice, and the properties of its draws. */
const checks: Readonly<Record<string, (of: GoldenCase, registry: Registry) => void | Promise<void>>> = {
  MPerClassSampler: checkMPerClass,
  HierarchicalSampler: checkHierarchical,
  FixedSetOfTriplets: checkTriplets,
  TuplesToWeightsSampler: checkWeights,
}

/** Why a case cannot be put to a sampler. */
export function skipSampler(of: GoldenCase): string | undefined {
  return of.class! in checks ? undefined : `properties of ${of.class} are not checked yet`
}

/** The classes of a case: the sampler, and the miner of one that mines. */
export const samplerParts = ({ class: name, args }: GoldenCase): unknown => ({ class: name, args: Object.fromEntries(Object.entries(args).filter(([, value]) => isGoldenObject(value))) })

/** Checks the properties of real draws of a sampler. */
export function checkSampler(of: GoldenCase, registry: Registry): void | Promise<void> {
  return checks[of.class!]!(of, registry)
}

const make = <T>(of: GoldenCase, registry: Registry, choices: Readonly<Record<string, unknown>>): T => new registry[of.class!]!({ ...choices, ...toOptions(of.args, registry) } as never) as T

/** With PyTorch Metric Learning's defaults. `length` is not compared: it says 10 for 24 indices where an epoch is below one pass. */
function checkMPerClass(of: GoldenCase, registry: Registry): void {
  const labels = of.inputs.labels as number[]
  const sampler = make<BatchSampler>(of, registry, { labels, lengthBeforeNewIter: 100_000, allowRepeats: true, allowUnpaired: true })
  const { batch, batches, classes_per_batch, samples_per_class, indices_per_pass } = of.expected
  expectEqual('batch size', sampler.batchSize, batch, of)
  expectEqual('batches', sampler.batchesPerEpoch, batches, of)
  expectEqual('indices of an epoch', sampler.batchSize * sampler.batchesPerEpoch, indices_per_pass, of)

  for (const rows of drawn(sampler)) {
    const classes = Array.from(rows, (row) => labels[row]!)
    expectEqual('classes of a batch', new Set(classes).size, classes_per_batch, of)
    for (let start = 0; start < rows.length; start += samples_per_class as number) {
      const block = classes.slice(start, start + (samples_per_class as number))
      expectEqual('classes of a block', new Set(block).size, 1, of)
      const available = labels.filter((label) => label === block[0]).length
      const different = new Set(rows.slice(start, start + block.length)).size
      if (available >= block.length) expectEqual('different samples of a block', different, block.length, of)
    }
  }
}

/** The sets of values that are seen: all that are seen here must be among them. */
function checkHierarchical(of: GoldenCase, registry: Registry): void {
  const labels = of.inputs.labels as number[][]
  const { inner_label: inner = 0, outer_label: outer = 1, samples_per_class: each } = of.args as Readonly<Record<string, number>>
  const sampler = make<BatchSampler>(of, registry, { labels, allowRepeats: true, allowShort: true })
  const { batches, batch_sizes, super_classes_per_batch, classes_per_batch, samples_per_class } = of.expected
  expectEqual('batches', sampler.batchesPerEpoch, batches, of)
  const expectAmong = (what: string, value: number, seen: unknown) => {
    expectEqual(`${what} ${value} among ${JSON.stringify(seen)}`, (seen as number[]).includes(value), true, of)
  }
  for (const rows of drawn(sampler)) {
    const counts = new Map<string, number>()
    for (const row of rows) counts.set(labels[row]!.join(), (counts.get(labels[row]!.join()) ?? 0) + 1)
    expectAmong('batch size', rows.length, batch_sizes)
    expectAmong('super classes of a batch', new Set(Array.from(rows, (row) => labels[row]![outer]!)).size, super_classes_per_batch)
    expectAmong('classes of a batch', new Set(Array.from(rows, (row) => labels[row]![inner]!)).size, classes_per_batch)
    for (const [label, count] of counts) {
      if (samples_per_class === 'all' || (each as unknown) === 'all') expectEqual('all samples of a class', count, labels.filter((row) => row.join() === label).length, of)
      else expectAmong('samples of a class', count, samples_per_class)
    }
  }
}

function checkTriplets(of: GoldenCase, registry: Registry): void {
  const labels = of.inputs.labels as number[]
  const sampler = make<BatchSampler & { readonly triplets: TripletIndices }>(of, registry, { labels, batchSize: 3 })
  const { length, triplets, same_triplets_every_pass } = of.expected
  expectEqual('batches', sampler.batchesPerEpoch, triplets, of)
  const epochs = Array.from({ length: EPOCHS }, (_, epoch) => drawn(sampler, epoch + 1, Infinity))
  expectEqual('samples of an epoch', epochs[0]!.reduce((sum, rows) => sum + rows.length, 0), length, of)
  const sorted = epochs.map((batches) => batches.map((rows) => rows.join()).sort().join(' '))
  expectEqual('the same triplets in every epoch', sorted[0] === sorted[1], same_triplets_every_pass, of)
  for (const [anchor, positive, negative] of epochs[0]!) {
    expectEqual('class of the positive', labels[positive!], labels[anchor!], of)
    expectEqual('another class of the negative', labels[negative!] !== labels[anchor!], true, of)
    expectEqual('another sample as the positive', positive !== anchor, true, of)
  }
}

/** With a model that gives what it is given. */
async function checkWeights(of: GoldenCase, registry: Registry): Promise<void> {
  const { shape, data } = of.inputs.embeddings as GoldenTensor
  const dim = shape[1]!
  const values = Float32Array.from(data, goldenNumber)
  const labels = Int32Array.from(of.inputs.labels as number[])
  const dataset: Dataset = {
    name: 'golden',
    labels,
    classNames: [...new Set(labels)].map(String),
    sampleShape: [dim],
    load: (wanted) => Promise.resolve({ values: Float32Array.from([...wanted].flatMap((row) => [...values.subarray(row * dim, (row + 1) * dim)])), shape: [wanted.length, dim] }),
  }
  const trunk: Module = { name: 'identity', parameters: new Map(), buffers: new Map(), outputSize: dim, call: (x) => tf.clone(x), dispose: () => undefined }
  const sampler = make<BatchSampler & { readonly weights: Float32Array; dispose(): void }>(of, registry, { dataset, trunk, batchSize: 1, compile: false })
  try {
    await sampler.prepare!({ seed: 0, epoch: 1, batch: 0 })
    const { weights, length, drawn: count } = of.expected
    expectEqual('batches', sampler.batchesPerEpoch, length, of)
    expectEqual('drawn', drawn(sampler, 1, Infinity).length, count, of)
    expectClose('weights', sampler.weights, weights, of, 'value')
    for (const [row] of drawn(sampler, 1, Infinity)) expectEqual('weight of a drawn sample above 0', sampler.weights[row!]! > 0, true, of)
  } finally {
    sampler.dispose()
  }
}

/** The batches of an epoch. */
const drawn = (sampler: BatchSampler, epoch = 1, most = BATCHES): readonly Int32Array[] =>
  Array.from({ length: Math.min(sampler.batchesPerEpoch, most) }, (_, batch) => sampler.batch({ seed: 0, epoch, batch }))
