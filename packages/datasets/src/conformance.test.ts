import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeDataset } from '@metric-learning/plugin-testkit'
import sharp from 'sharp'
import { afterAll } from 'vitest'
import { augmented, type AugmentedDataset } from './augmentation/augmented.js'
import { concatenated } from './concatenated.js'
import { imageFolder } from './image-folder/image-folder.js'
import { ImageDataset, type ImageDatasetOptions } from './images/image-dataset.js'
import { mapLabels } from './label-mapper.js'
import { quickDraw } from './quick-draw/quick-draw.js'
import { splitClasses } from './split-classes.js'

const base = await mkdtemp(join(tmpdir(), 'datasets-'))
afterAll(() => rm(base, { recursive: true }))

const images = (more: Partial<ImageDatasetOptions> = {}) =>
  new ImageDataset({
    name: 'numbered',
    pixels: Uint8Array.from({ length: 6 * 5 * 4 * 3 }, (_, i) => (i * 7) % 251),
    sampleShape: [5, 4, 3],
    labels: Int32Array.of(0, 1, 2, 0, 1, 2),
    classNames: ['a', 'b', 'c'],
    columns: { kind: { labels: Int32Array.of(0, 0, 1, 0, 0, 1), classNames: ['old', 'new'] } },
    ...more,
  })

const samplesOf = (dataset: ImageDataset) => ({ name: 'mapped', sampleShape: dataset.sampleShape, normalization: dataset.normalization, load: (rows: Int32Array) => dataset.load(rows) })

/** Of as many classes as two sides take. */
const manyImages = () =>
  images({
    pixels: Uint8Array.from({ length: 8 * 5 * 4 * 3 }, (_, i) => (i * 7) % 251),
    labels: Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3),
    classNames: ['a', 'b', 'c', 'd'],
    columns: { kind: { labels: Int32Array.of(0, 0, 1, 1, 0, 0, 1, 1), classNames: ['old', 'new'] } },
  })

/** A folder of two classes, made once. */
const folder = (async () => {
  for (const [name, colour] of [['ant/1', '#102030'], ['ant/2', '#405060'], ['bee/1', '#ff0000']] as const) {
    const file = join(base, `${name}.png`)
    await mkdir(join(file, '..'), { recursive: true })
    await sharp({ create: { width: 8, height: 6, channels: 3, background: colour } }).toFile(file)
  }
  return base
})()

describeDataset('ImageDataset', {
  create: () => images(),
  mistakes: {
    'a label without a name': () => images({ classNames: ['a', 'b'] }),
    'pixels of too few images': () => images({ pixels: new Uint8Array(10) }),
    'a column of too few entries': () => images({ columns: { kind: { labels: Int32Array.of(0) } } }),
  },
})
describeDataset('splitClasses, train', { create: () => splitClasses(manyImages(), { trainClasses: 2 }).train })
describeDataset('splitClasses, test', { create: () => splitClasses(manyImages(), { trainFraction: 0.4 }).test })
describeDataset('augmented', {
  create: () => augmented(images(), { randomCrop: { padding: 2 }, horizontalFlip: 0.5, workers: 1 }),
  dispose: (dataset) => (dataset as AugmentedDataset).dispose(),
  mistakes: { 'nothing asked for': () => augmented(images(), {}) },
})
describeDataset('imageFolder', {
  create: async () => imageFolder({ root: await folder, imageSize: 4 }),
  mistakes: { 'a folder that is not there': () => imageFolder({ root: join(base, 'none'), imageSize: 4 }) },
})
describeDataset('concatenated', {
  create: () => concatenated([images(), images({ name: 'others' })]),
  mistakes: { 'one data set': () => concatenated([images()]), 'a name twice': () => concatenated([images(), images()]) },
})
describeDataset('mapLabels', {
  create: () => mapLabels({ ...samplesOf(images()), labels: ['b', 'c', 'd', 'b', 'c', 'd'] }),
  mistakes: { 'labels of two kinds': () => mapLabels({ ...samplesOf(images()), labels: ['b', 3, 'd', 'b', 'c', 'd'] }) },
})
describeDataset('quickDraw', {
  create: () => quickDraw({ split: 'test', samplesPerClass: 1 }),
  mistakes: { 'an unknown split': () => quickDraw({ split: 'val' as never }) },
})
