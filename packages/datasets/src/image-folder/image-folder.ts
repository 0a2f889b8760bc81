import { DataError, expectKnownOptions, expectNumber, expectOneOf } from '@metric-learning/contracts'
import { ImageDataset, type ImageDatasetOptions } from '../images/image-dataset.js'
import { type ClassFolders, classFolders, emptyClass, type SkippedFile } from './class-folders.js'
import type { CorruptFiles, DecodingProgress } from './decode-all.js'
import { decodedPixels } from './decoded-pixels.js'

export interface ImageFolderOptions {
  /** The folder of class folders. */
  readonly root: string
  /** Height and width of a sample, in pixels. */
  readonly imageSize: number
  /** 1 for grey, 3 for colour. Default 3. */
  readonly channels?: 1 | 3
  /**
   * `'centre'`: an image is scaled until it covers the square, and its middle cut out; `'none'`: it is squeezed into
   * the square, whole. Default `'centre'`.
   */
  readonly crop?: 'centre' | 'none'
  /** What happens when files cannot be decoded: an error that names them, or they are left out and listed. Default `'error'`. */
  readonly onCorrupt?: 'error' | 'skip'
  /**
   * A folder, made when it is missing, in which decoded images are kept: as one file, of which only the batches that
   * are loaded are in memory. Opened again, with the same files and options, nothing is decoded. Files that were not
   * opened for 30 days are deleted when another is written. Default none: images are held in memory.
   */
  readonly cache?: string
  /** Called after each decoded file. */
  readonly onProgress?: (progress: DecodingProgress) => void
}

/** An {@link ImageDataset} that knows its files. */
export class ImageFolderDataset extends ImageDataset {
  constructor(
    options: ImageDatasetOptions,
    /** File of each sample, relative to the root. */
    readonly files: readonly string[],
    /** What lies in the folder and is no sample, and why. */
    readonly skipped: readonly SkippedFile[],
  ) {
    super(options)
  }
}

/**
 * A dataset from a folder with one folder a class: `root/cat/1.jpg`, `root/dog/1.png`, … in any format that sharp
 * reads. Every file counts as an image, but for names with a leading dot, Thumbs.db and desktop.ini.
 *
 * Images are decoded once, upright and in sRGB, into imageSize² · channels bytes each, held in memory or, with `cache`,
 * in a file. sharp decodes on threads of its own, a few files at a time; the main one stays free. Classes and files are
 * sorted by code unit, so that rows are the same everywhere. Samples are normalised by mean and standard deviation over
 * all of them; `splitClasses` takes those of the training classes instead.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {DataError} when the root is no folder, is empty or has one class only, a class has no image, or a file
 *   cannot be decoded.
 */
export async function imageFolder(options: ImageFolderOptions): Promise<ImageFolderDataset> {
  checkOptions(options)
  const { root, imageSize, channels = 3, crop = 'centre', onCorrupt = 'error', cache, onProgress } = options
  const found = await classFolders(root)
  const format = { imageSize, channels, crop }
  const { pixels, corrupt } = await decodedPixels({ root, files: found.files, format, cache, onProgress })
  if (corrupt.size > 0 && onCorrupt === 'error') throw undecodable(root, found, corrupt)
  const images = Int32Array.from(found.files.keys()).filter((i) => !corrupt.has(i))
  const labels = images.map((i) => found.labels[i]!)
  const present = new Set(labels)
  const empty = found.classNames.find((_, label) => !present.has(label))
  if (empty !== undefined) throw emptyClass(root, empty)
  return new ImageFolderDataset(
    { name: root, pixels, sampleShape: [imageSize, imageSize, channels], images, labels, classNames: found.classNames },
    [...images].map((i) => found.files[i]!),
    [...found.skipped, ...[...corrupt].map(([i, reason]) => ({ file: found.files[i]!, reason }))],
  )
}

function checkOptions(options: ImageFolderOptions): void {
  expectKnownOptions('imageFolder', options, ['root', 'imageSize', 'channels', 'crop', 'onCorrupt', 'cache', 'onProgress'])
  expectNumber('imageFolder', 'imageSize', options.imageSize, { min: 1, max: 4096, integer: true, hint: 'In pixels a side.' })
  const { channels = 3, crop = 'centre', onCorrupt = 'error' } = options
  expectOneOf('imageFolder', 'channels', channels, [1, 3])
  expectOneOf('imageFolder', 'crop', crop, ['centre', 'none'])
  expectOneOf('imageFolder', 'onCorrupt', onCorrupt, ['error', 'skip'])
}

function undecodable(root: string, { files }: ClassFolders, corrupt: CorruptFiles): DataError {
  const named = [...corrupt].slice(0, 5).map(([i, reason]) => `${files[i]} (${reason})`)
  const more = corrupt.size > named.length ? ` and ${corrupt.size - named.length} more` : ''
  return new DataError({
    who: 'imageFolder',
    wanted: `images that can be decoded in ${root}`,
    got: `${corrupt.size} that cannot: ${named.join(', ')}${more}`,
    fix: "Remove or replace them, or pass `onCorrupt: 'skip'` to leave them out.",
  })
}
