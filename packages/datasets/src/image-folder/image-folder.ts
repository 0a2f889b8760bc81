import { checkDecodingOptions, decodedDataset, type DecodingOptions, type ImageFolderDataset } from '../decoding/decoded-dataset.js'
import { type ClassFolders, classFolders, emptyClass, expectClasses } from './class-folders.js'

export interface ImageFolderOptions extends DecodingOptions {
  /** The folder of class folders. */
  readonly root: string
}

/**
 * A dataset from a folder with one folder a class: `root/cat/1.jpg`, `root/dog/1.png`, … in any format that sharp
 * reads. Every file counts as an image, but for what systems leave behind: names that begin with `.` or `~$`, Thumbs.db,
 * desktop.ini, `__MACOSX` and the like.
 *
 * Images are decoded once, upright and in sRGB, into imageSize² · channels bytes each, held in memory or, with `cache`,
 * in a file. With one channel, L = 0.299 R + 0.587 G + 0.114 B of the sRGB values after scaling, as in Pillow and torchvision.
 * sharp decodes on threads of its own, a few files at a time; the main one stays free. Classes and files are
 * sorted by code unit, so that rows are the same everywhere. Samples are normalised by mean and standard deviation over
 * all of them; `splitClasses` and `splitSamples` take those of the training side instead.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {DataError} when the root is no folder, is empty, has one class only or two whose names look the same; unless `onCorrupt` is `'skip'`, when a class has
 *   no image or a file cannot be decoded; when the cache cannot be written, or files change while they are read.
 */
export async function imageFolder(options: ImageFolderOptions): Promise<ImageFolderDataset> {
  checkDecodingOptions('imageFolder', options, [])
  const { root } = options
  const found = await classFolders(root)
  if (options.onCorrupt !== 'skip') expectNoEmptyClass(root, found)
  const dataset = await decodedDataset('imageFolder', { root, name: root, ...found, withoutEmptyClasses: true }, options)
  expectClasses(root, dataset.classNames, 'none with an image that can be read')
  return dataset
}

function expectNoEmptyClass(root: string, { classNames, labels }: ClassFolders): void {
  const present = new Set(labels)
  const empty = classNames.find((_, label) => !present.has(label))
  if (empty !== undefined) throw emptyClass(root, empty)
}
