import { isAbsolute, join, relative, sep } from 'node:path'
import { DataError, expectKnownOptions, expectNumber, expectOneOf, expectText, OptionError } from '@metric-learning/contracts'
import { ImageDataset, type ImageDatasetOptions } from '../images/image-dataset.js'
import { type ClassFolders, classFolders, emptyClass, expectClasses, isClutter, type SkippedFile } from './class-folders.js'
import type { ReadingProgress } from './decode-all.js'
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
  /**
   * What happens when files cannot be decoded, or nothing of a class can: an error that names them, or they are left out and
   * listed. Default `'error'`.
   */
  readonly onCorrupt?: 'error' | 'skip'
  /**
   * Whether a defect that leaves the picture whole makes a file corrupt: stray bytes before a marker, a missing end marker, a
   * broken colour profile, and other things that viewers pass over. Default false: such files are samples, and listed in `tolerated`.
   */
  readonly strict?: boolean
  /**
   * A folder, made when it is missing, in which decoded images are kept: as one file, of which only the batches that
   * are loaded are in memory. Opened again, with the same contents and options, nothing is decoded, wherever the files lie and
   * whatever they are called; one that may have changed is read again. Any number of processes may share it. Files that were not
   * opened for 30 days are deleted when another is written. Default none: images are held in memory.
   */
  readonly cache?: string
  /** Called after each file that was read or decoded. */
  readonly onProgress?: (progress: ReadingProgress) => void
}

/** A file that is a sample although something is wrong with it. */
export interface ToleratedFile {
  /** Path relative to the root. */
  readonly file: string
  readonly defect: string
}

/** An {@link ImageDataset} that knows its files. */
export class ImageFolderDataset extends ImageDataset {
  constructor(
    options: ImageDatasetOptions,
    /** File of each sample, relative to the root. */
    readonly files: readonly string[],
    /** What lies in the folder and is no sample, and why. */
    readonly skipped: readonly SkippedFile[],
    /** Samples whose files have a defect that leaves the picture whole, and which. */
    readonly tolerated: readonly ToleratedFile[],
  ) {
    super(options)
  }
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
 * @throws {DataError} when the root is no folder, is empty or has one class only; unless `onCorrupt` is `'skip'`, when a class has
 *   no image or a file cannot be decoded; when the cache cannot be written, or files change while they are read.
 */
export async function imageFolder(options: ImageFolderOptions): Promise<ImageFolderDataset> {
  checkOptions(options)
  const { root, imageSize, channels = 3, crop = 'centre', onCorrupt = 'error', strict = false, cache, onProgress } = options
  const found = await classFolders(root)
  if (onCorrupt === 'error') expectNoEmptyClass(root, found, found.labels)
  const decoded = await decodedPixels({ root, files: found.files, format: { imageSize, channels, crop }, cache, onProgress })
  const corrupt = strict ? new Map([...decoded.tolerated, ...decoded.corrupt].sort(([a], [b]) => a - b)) : decoded.corrupt
  if (corrupt.size > 0 && onCorrupt === 'error') throw undecodable(root, found, corrupt, decoded.tolerated)

  const images = Int32Array.from(found.files.keys()).filter((i) => !corrupt.has(i))
  const present = [...new Set(images.map((i) => found.labels[i]!))]
  const classNames = present.map((label) => found.classNames[label]!)
  expectClasses(root, classNames, 'none with an image that can be read')
  const newLabel = new Map(present.map((label, i) => [label, i]))
  const emptied = found.classNames.filter((_, label) => !newLabel.has(label))
  return new ImageFolderDataset(
    {
      name: root,
      pixels: decoded.pixels,
      sampleShape: [imageSize, imageSize, channels],
      images,
      labels: images.map((i) => newLabel.get(found.labels[i]!)!),
      classNames,
    },
    [...images].map((i) => found.files[i]!),
    [
      ...found.skipped,
      ...emptied.map((file) => ({ file, reason: 'a class folder without an image that can be read' })),
      ...[...corrupt].map(([i, reason]) => ({ file: found.files[i]!, reason })),
    ],
    strict ? [] : [...decoded.tolerated].map(([i, defect]) => ({ file: found.files[i]!, defect })),
  )
}

function checkOptions(options: ImageFolderOptions): void {
  const known = ['root', 'imageSize', 'channels', 'crop', 'onCorrupt', 'strict', 'cache', 'onProgress']
  expectKnownOptions('imageFolder', options, known)
  expectText('imageFolder', 'root', options.root, 'the path of a folder')
  if (options.cache !== undefined) expectCache(options.root, options.cache)
  expectNumber('imageFolder', 'imageSize', options.imageSize, { min: 1, max: 4096, integer: true, hint: 'In pixels a side.' })
  const { channels = 3, crop = 'centre', onCorrupt = 'error', strict = false } = options
  expectOneOf('imageFolder', 'channels', channels, [1, 3])
  expectOneOf('imageFolder', 'crop', crop, ['centre', 'none'])
  expectOneOf('imageFolder', 'onCorrupt', onCorrupt, ['error', 'skip'])
  expectOneOf('imageFolder', 'strict', strict, [true, false])
}

/** A cache in the root would be a class. */
function expectCache(root: string, cache: string): void {
  expectText('imageFolder', 'cache', cache, 'the path of a folder')
  const [first = ''] = relative(root, cache).split(sep)
  if (isAbsolute(first) || isClutter(first)) return
  throw new OptionError({
    who: 'imageFolder',
    wanted: '`cache` to be outside of `root`, where it would be taken for a class',
    got: cache,
    fix: `Pass another \`cache\`, or one in ${join(root, '.cache')}, which is not looked at.`,
  })
}

function expectNoEmptyClass(root: string, { classNames }: ClassFolders, labels: Int32Array): void {
  const present = new Set(labels)
  const empty = classNames.find((_, label) => !present.has(label))
  if (empty !== undefined) throw emptyClass(root, empty)
}

function undecodable(
  root: string,
  { files }: ClassFolders,
  corrupt: ReadonlyMap<number, string>,
  tolerated: ReadonlyMap<number, string>,
): DataError {
  const named = [...corrupt].slice(0, 5).map(([i, reason]) => `${files[i]} (${reason})`)
  const more = corrupt.size > named.length ? ` and ${corrupt.size - named.length} more` : ''
  const lenient = [...corrupt.keys()].some((i) => tolerated.has(i)) ? ', or leave out `strict` to tolerate defects that leave a picture whole' : ''
  return new DataError({
    who: 'imageFolder',
    wanted: `images that can be decoded in ${root}`,
    got: `${corrupt.size} that cannot: ${named.join(', ')}${more}`,
    fix: `Remove or replace them, or pass \`onCorrupt: 'skip'\` to leave them out${lenient}.`,
  })
}
