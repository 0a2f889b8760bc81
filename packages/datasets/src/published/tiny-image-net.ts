import { join } from 'node:path'
import { checkPublishedOptions, expectParts, malformed, publishedDataset, type PublishedOptions, type PublishedSet, type PublishedSplits, readTable, readText } from './published-layout.js'

const IMAGES = 110_000
const TRAIN_IMAGES_PER_CLASS = 500

/**
 * TinyImageNet (Stanford CS231n): 200 classes of ImageNet, 64×64 in colour, 500 images each in `train` and 50 in `val`; the
 * classes of both are the same and in the same order, that of their WordNet numbers. For zero-shot evaluation split `train` by
 * `splitClasses`. Both are normalised by `train`. The test images of the archive have no labels and are not read.
 *
 * `root` is the folder tiny-imagenet-200 of tiny-imagenet-200.zip as it is: wnids.txt, words.txt,
 * `train/<wnid>/images`, `val/images`, `val/val_annotations.txt`. A class is named by its words, such as "goldfish, Carassius auratus".
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {DataError} when parts of the archive are missing or not as published; when files cannot be decoded.
 * @example const { train, val } = await tinyImageNet({ root: 'tiny-imagenet-200', imageSize: 64, cache: 'cache' })
 */
export async function tinyImageNet(options: PublishedOptions): Promise<PublishedSplits<'train' | 'val'>> {
  checkPublishedOptions('tinyImageNet', options)
  const { root } = options
  const set: PublishedSet = { who: 'tinyImageNet', root, archive: 'tiny-imagenet-200.zip', folder: 'tiny-imagenet-200' }
  expectParts(set, ['wnids.txt', 'words.txt', 'train', 'val/images', ANNOTATIONS])
  const wnids = (await readTable(set, 'wnids.txt', 1)).map(([wnid]) => wnid!).sort()
  const images = [...trainImages(wnids), ...(await validationImages(set, wnids))]
  const all = await publishedDataset(
    set,
    {
      name: 'TinyImageNet',
      root,
      files: images.map(({ file }) => file),
      labels: Int32Array.from(images, ({ label }) => label),
      classNames: await namesOf(set, wnids),
      published: IMAGES,
    },
    options,
  )
  const { files, skipped, tolerated } = all
  const rows = [...files.keys()]
  const train = all.ofRows('TinyImageNet train', rows.filter((row) => isOfTrain(files[row]!)))
  return { train, val: all.ofRows('TinyImageNet val', rows.filter((row) => !isOfTrain(files[row]!)), train.normalization), skipped, tolerated }
}

interface Image {
  readonly file: string
  readonly label: number
}

const trainImages = (wnids: readonly string[]): Image[] =>
  wnids.flatMap((wnid, label) => Array.from({ length: TRAIN_IMAGES_PER_CLASS }, (_, i) => ({ file: join('train', wnid, 'images', `${wnid}_${i}.JPEG`), label })))

/** Of the other files each begins with `val`. */
const isOfTrain = (file: string) => file.startsWith('train')

const ANNOTATIONS = 'val/val_annotations.txt'

/** In the order of the annotations: name of the file, class, bounding box. */
async function validationImages(set: PublishedSet, wnids: readonly string[]): Promise<Image[]> {
  const labels = new Map(wnids.map((wnid, label) => [wnid, label]))
  return (await readTable(set, ANNOTATIONS, 2)).map(([name, wnid]) => {
    const label = labels.get(wnid!)
    if (label === undefined) throw malformed(set, ANNOTATIONS, 'classes of wnids.txt', `${wnid} for ${name}`)
    return { file: join('val', 'images', name!), label }
  })
}

/** Words of the classes: a line of words.txt is the WordNet number, a tab, the words. */
async function namesOf(set: PublishedSet, wnids: readonly string[]): Promise<string[]> {
  const lines = (await readText(set, 'words.txt')).split(/\r?\n/)
  const words = new Map(lines.map((line) => [line.split('\t', 1)[0]!, line.slice(line.indexOf('\t') + 1).trim()]))
  return wnids.map((wnid) => {
    const name = words.get(wnid)
    if (name) return name
    throw malformed(set, 'words.txt', 'words for each class of wnids.txt', `none for ${wnid}`)
  })
}
