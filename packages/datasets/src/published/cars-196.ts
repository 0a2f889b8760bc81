import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type MatValue, readMatFile } from './mat-file.js'
import { checkPublishedOptions, expectParts, trainAndTest, labelled, malformed, type NumberedImage, publishedDataset, type PublishedOptions, type PublishedSet, type PublishedSplits } from './published-layout.js'

const CLASSES = 196
const IMAGES = 16_185

/** Where the two layouts that were published keep lists, names of classes and images; and what a list calls a file. */
const LAYOUTS = {
  one: { lists: { 'cars_annos.mat': '' }, names: 'cars_annos.mat', field: 'relative_im_path', parts: ['cars_annos.mat', 'car_ims'] },
  two: {
    lists: { 'devkit/cars_train_annos.mat': 'cars_train', 'cars_test_annos_withlabels.mat': 'cars_test' },
    names: 'devkit/cars_meta.mat',
    field: 'fname',
    parts: ['devkit/cars_train_annos.mat', 'devkit/cars_meta.mat', 'cars_test_annos_withlabels.mat', 'cars_train', 'cars_test'],
  },
} as const

/**
 * Cars-196 (Krause et al., 3D Object Representations for Fine-Grained Categorization, 2013): 16,185 photos of 196 models of cars.
 * Split as metric learning does (Song et al., Deep Metric Learning via Lifted Structured Feature Embedding, 2016, section 6): the
 * first 98 classes, 8,054 images, to train on, the other 98, 8,131 images, to test; labels start at 0 in each split, and both are normalised by the first. The
 * published split of images of the same classes is not used, nor are bounding boxes.
 *
 * `root` is a folder of either layout that was published: cars_annos.mat beside `car_ims`; or cars_train_annos.mat and cars_meta.mat
 * in `devkit`, cars_test_annos_withlabels.mat, `cars_train` and `cars_test`. Rows are in the order of the lists, which differs between the two.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {DataError} when parts of the archive are missing or not as published; when files cannot be decoded.
 * @example const { train, test } = await cars196({ root: 'cars', imageSize: 227, cache: 'cache' })
 */
export async function cars196(options: PublishedOptions): Promise<PublishedSplits<'train' | 'test'>> {
  checkPublishedOptions('cars196', options)
  const { root } = options
  const set: PublishedSet = { who: 'cars196', root, archive: 'car_ims.tgz and cars_annos.mat', folder: 'cars' }
  const layout = existsSync(join(root, 'devkit')) ? LAYOUTS.two : LAYOUTS.one
  expectParts(set, layout.parts)
  const images: NumberedImage[] = []
  for (const [list, folder] of Object.entries(layout.lists)) {
    const { annotations } = await matVariables(set, list)
    images.push(...imagesOf(set, list, annotations, layout.field, folder))
  }
  const { class_names: names } = await matVariables(set, layout.names)
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) throw malformed(set, layout.names, 'names of classes', describeValue(names))
  const classNames = new Map(names.map((name, i) => [i + 1, name]))
  const all = await publishedDataset(set, { name: 'Cars-196', ...labelled(set, images, classNames, CLASSES), published: IMAGES }, options)
  return trainAndTest(all, CLASSES / 2)
}

async function matVariables(set: PublishedSet, file: string): Promise<Readonly<Record<string, MatValue>>> {
  try {
    return readMatFile(await readFile(join(set.root, file)))
  } catch (cause) {
    throw malformed(set, file, 'the variables', (cause as Error).message)
  }
}

function imagesOf(set: PublishedSet, list: string, annotations: MatValue | undefined, field: string, folder: string): NumberedImage[] {
  if (!Array.isArray(annotations)) throw malformed(set, list, 'annotations', describeValue(annotations))
  return annotations.map((entry) => {
    const { [field]: file, class: number } = entry as Readonly<Record<string, MatValue>>
    const [only] = Array.isArray(number) ? number : []
    if (typeof file !== 'string' || typeof only !== 'number') throw malformed(set, list, `${field} and class of each annotation`, describeValue(entry))
    return { file: join(folder, file), number: only }
  })
}

const describeValue = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value).slice(0, 80))
