import { join } from 'node:path'
import { checkPublishedOptions, expectParts, trainAndTest, labelled, malformed, numberIn, publishedDataset, type PublishedOptions, type PublishedSet, type PublishedSplits, readTable } from './published-layout.js'

const CLASSES = 200
const IMAGES = 11_788

/**
 * CUB-200-2011 (Wah et al., The Caltech-UCSD Birds-200-2011 Dataset, 2011): 11,788 photos of 200 species of birds.
 * Split as metric learning does (Song et al., Deep Metric Learning via Lifted Structured Feature Embedding, 2016, section 6): the
 * first 100 classes, 5,864 images, to train on, the other 100, 5,924 images, to test; labels start at 0 in each split, and both are normalised by the first. The
 * published train_test_split.txt splits images of the same classes and is not used, nor are bounding boxes.
 *
 * `root` is the folder CUB_200_2011 of CUB_200_2011.tgz as it is: classes.txt, images.txt, image_class_labels.txt, `images`.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {DataError} when parts of the archive are missing or not as published; when files cannot be decoded.
 * @example const { train, test } = await cub200({ root: 'CUB_200_2011', imageSize: 227, cache: 'cache' })
 */
export async function cub200(options: PublishedOptions): Promise<PublishedSplits<'train' | 'test'>> {
  checkPublishedOptions('cub200', options)
  const { root } = options
  const set: PublishedSet = { who: 'cub200', root, archive: 'CUB_200_2011.tgz', folder: 'CUB_200_2011' }
  expectParts(set, ['classes.txt', 'images.txt', 'image_class_labels.txt', 'images'])
  const [names, files, classes] = await Promise.all(['classes.txt', 'images.txt', 'image_class_labels.txt'].map((file) => readTable(set, file, 2)))
  const classOf = new Map(classes!.map(([image, number]) => [image!, numberIn(set, 'image_class_labels.txt', number!)]))
  const images = files!.map(([image, file]) => {
    const number = classOf.get(image!)
    if (number === undefined) throw malformed(set, 'image_class_labels.txt', 'a class for each image of images.txt', `none for ${image}`)
    return { file: join('images', file!), number }
  })
  const classNames = new Map(names!.map(([number, name]) => [numberIn(set, 'classes.txt', number!), name!]))
  const all = await publishedDataset(set, { name: 'CUB-200-2011', ...labelled(set, images, classNames, CLASSES), published: IMAGES }, options)
  return trainAndTest(all, CLASSES / 2)
}
