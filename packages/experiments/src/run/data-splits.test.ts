import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { OptionError } from '@metric-learning/contracts'
import { ImageDataset, samplePng } from '@metric-learning/datasets'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkedExperiment } from '../configuration/read-configuration.js'
import { toyData } from '../toy-data.fixture.js'
import { foldsOf, splitData } from './data-splits.js'
import { calculatorOf, embedByTrunk, judge } from './judge-trunk.js'
import { loadData, runExperiment } from './run-experiment.js'

/** In-Shop in its layout: of four items to train on and three to test on, two images each in every part. In the gallery items look as others do as queries. */
async function inShopFolder(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'in-shop-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const rows = [0, 1, 2, 3, 4, 5, 6].flatMap((item) => (item < 4 ? ['train', 'train'] : ['query', 'query', 'gallery', 'gallery']).map((of, i) => ({ path: `img/MEN/Denim/id_0000000${item}/0${i}_1_front.jpg`, item, of })))
  writeFileSync(join(root, 'list_eval_partition.txt'), [rows.length, 'image_name item_id evaluation_status', ...rows.map(({ path, item, of }) => `${path} id_0000000${item} ${of}`)].join('\n'))
  for (const { path, item, of } of rows) {
    const look = of === 'gallery' ? 4 + ((item - 3) % 3) : item
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), await imageOf([36 * look, 255 - 36 * look, look === 5 ? 200 : 0]))
  }
  return root
}

/** A file of one colour. */
function imageOf(colour: readonly number[]): Promise<Uint8Array> {
  const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => colour[i % 3]!)
  return samplePng(new ImageDataset({ name: 'colour', pixels, sampleShape: [8, 8, 3], labels: Int32Array.of(0), classNames: ['colour'] }), 0, {})
}

describe('Data with references of their own', () => {
  it('are judged by them as they were published, by testers and before training alike', { timeout: 120_000 }, async () => {
    const root = await inShopFolder()
    const configuration = {
      name: 'in-shop',
      backend: 'native-cpu',
      data: { inShop: { root, imageSize: 8, partial: true } },
      trunk: { ConvNet: { width: 2, blocks: 2 } },
      sampler: { MPerClassSampler: { m: 2, batchSize: 8 } },
      methods: { Contrastive: { objectives: [{ loss: 'ContrastiveLoss' }], optimizers: { trunk: { SGD: { learningRate: 1e-9 } } } } },
      epochs: 1,
      tensorBoard: false,
    }
    const experiment = await checkedExperiment(configuration, { who: 'test', folder: root })
    const data = await loadData(experiment, () => undefined)
    expect([data.train, data.test!, data.references!].map(({ labels }) => labels.length)).toEqual([8, 6, 6])
    const { judged, references } = splitData(data)
    expect([judged, references]).toEqual([data.test, data.references])
    const { rows } = await runExperiment(experiment, { kind: 'run', folder: join(root, 'out'), say: () => undefined })
    const [untrained, , trained] = rows
    // Among themselves queries all find their own item.
    expect([untrained!.metrics['precisionAt1'], trained!.metrics['precisionAt1']]).toEqual([0, 0])
    const among = await judge(calculatorOf(experiment.configuration, experiment.registry), { embeddings: await embedByTrunk(experiment.configuration, experiment.registry, judged, { seed: 0 }), labels: judged.labels })
    expect(among.metrics['precisionAt1']).toBe(1)
  })

  it('are all in folds, each class once', async () => {
    const root = await inShopFolder()
    const experiment = await checkedExperiment({ name: 'x', data: { inShop: { root, imageSize: 8, partial: true } }, trunk: 'ConvNet', sampler: { MPerClassSampler: { m: 2, batchSize: 4 } }, methods: { A: { objectives: [{ loss: 'ContrastiveLoss' }] } }, epochs: 1, protocol: { folds: 2, trainFraction: 0.6 } }, { who: 'test', folder: root })
    const { folds, test } = foldsOf(await loadData(experiment, () => undefined), { folds: 2, trainFraction: 0.6 })
    const names = [...folds.flatMap(({ judged }) => judged.classNames), ...test.classNames]
    expect(names).toEqual([0, 1, 2, 3, 4, 5, 6].map((item) => `id_0000000${item}`))
    // Queries and gallery of an item together.
    expect(test.labels.length).toBe(3 * 4)
  })
})

describe('splitData', () => {
  it('refuses what was published without a split', () => {
    expect(() => splitData(toyData(), 'published')).toThrow(OptionError)
  })

  it('refuses classes that are on both sides, where these are to be split anew', () => {
    const { train } = toyData({ classes: 6 })
    const other = toyData({ classes: 8 }).train
    const data = { train, test: { ...other, name: 'others', load: other.load.bind(other) } }
    expect(splitData(data).judged).toBe(data.test)
    expect(() => splitData(data, { classes: 0.5 })).toThrow(/wanted no class of toys in others.*got "toy 0" and 5 more in both\. Give `sharesClasses: true`/)
    expect(() => foldsOf(data, { folds: 2 })).toThrow(/in both/)
    expect(splitData({ ...data, sharesClasses: true }, { classes: 0.5 }).train.classNames).toEqual(['toy 0', 'toy 1', 'toy 2'])
  })
})
