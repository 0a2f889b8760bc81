import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ImageDataset } from '@metric-learning/datasets'
import { embedDataset, normalizeHostRows } from '@metric-learning/inference'
import { ConvNet, loadModule, ResNet18, saveModule } from '@metric-learning/models'
import { afterAll, describe, expect, it } from 'vitest'
import { checkedExperiment } from '../configuration/read-configuration.js'
import { foldsOf } from './data-splits.js'
import { loadData } from './run-experiment.js'
import { trainRun, withMethod } from './train-run.js'

const folder = mkdtempSync(join(tmpdir(), 'train-run-'))
afterAll(() => rmSync(folder, { recursive: true }))
const sources = fileURLToPath(new URL('..', import.meta.url))
const quiet = () => undefined

const weights = join(folder, 'resnet18.safetensors')
const published = new ResNet18({ seed: 3 })
await saveModule(published, weights)
published.dispose()

const toys = (channels: number) => ({ './toy-data.fixture.ts#toyData': { classes: 8, samplesPerClass: 4, channels } })

/** The test set of one fold's run as it was embedded, and what its best network makes of the test set with another normalisation. */
async function embedded(data: object, trunk: object) {
  const experiment = await checkedExperiment(
    { name: 'toys', backend: 'native-cpu', data, trunk, sampler: { MPerClassSampler: { m: 2, batchSize: 4 } }, methods: { T: { objectives: [{ loss: 'TripletMarginLoss' }] } }, epochs: 1, protocol: { folds: 2 } },
    { who: 'test', folder: sources },
  )
  const { folds, test } = foldsOf(await loadData(experiment, quiet), { folds: 2 })
  const run = mkdtempSync(join(folder, 'run-'))
  const { configuration, registry } = experiment
  await trainRun({ folder: run, method: 'T', seed: 0, runSeed: 0, fold: 0, configuration: withMethod(configuration, 'T', configuration.methods['T']!, 0) }, folds[0]!, { registry, circumstances: { versions: {}, machine: '', command: '' }, say: quiet, writesTensorBoard: false, test })
  const bytes = readFileSync(join(run, 'test-embeddings.bin'))
  const own = [...new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))]
  const by = async (network: ConvNet | ResNet18, normalization: { readonly mean: readonly number[]; readonly std: readonly number[] }) => {
    await loadModule(network, join(run, 'best-model', 'trunk.safetensors'))
    const rows = await embedDataset({ trunk: network, dataset: (test as ImageDataset).withNormalization(normalization) })
    network.dispose()
    normalizeHostRows(rows)
    return [...rows.embeddings]
  }
  return { own, by, train: folds[0]!.train.normalization!, all: test.normalization! }
}

/** The largest difference of any number. */
const distance = (one: readonly number[], other: readonly number[]) => Math.max(...one.map((value, i) => Math.abs(value - other[i]!)))

describe('The test set of a run', () => {
  it("is normalised by the statistics of the run's own fold", async () => {
    const { own, by, train, all } = await embedded(toys(1), { ConvNet: { width: 2, blocks: 2 } })
    const network = () => new ConvNet({ width: 2, blocks: 2 })
    expect(train).not.toEqual(all)
    expect(distance(own, await by(network(), train))).toBeLessThan(1e-6)
    expect(distance(own, await by(network(), all))).toBeGreaterThan(1e-4)
  })

  it('is normalised as published weights want it', { timeout: 300_000 }, async () => {
    const { own, by, train } = await embedded(toys(3), { pretrainedTrunk: { name: 'torchvision/resnet18', file: weights } })
    expect(distance(own, await by(new ResNet18(), { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }))).toBeLessThan(1e-5)
    expect(distance(own, await by(new ResNet18(), train))).toBeGreaterThan(1e-3)
  })
})
