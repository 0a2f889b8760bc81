import { isAbsolute, join, relative, sep } from 'node:path'
import { DataError, expectBoolean, expectKnownOptions, expectNumber, expectOneOf, expectText, type LabelColumn, OptionError } from '@metric-learning/contracts'
import { columnsOfRows } from '../images/columns-of-rows.js'
import { ImageDataset, type ImageDatasetOptions } from '../images/image-dataset.js'
import type { FilesOfRoot } from './content-digests.js'
import type { ReadingProgress } from './decode-all.js'
import { decodedPixels } from './decoded-pixels.js'

/** How the images of a folder become samples. */
export interface DecodingOptions {
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

/** Names of {@link DecodingOptions}. */
const DECODING_OPTIONS = ['imageSize', 'channels', 'crop', 'onCorrupt', 'strict', 'cache', 'onProgress'] as const

/** A file that is a sample although something is wrong with it. */
export interface ToleratedFile {
  /** Path relative to the root. */
  readonly file: string
  readonly defect: string
}

/** A file or folder that is no sample, and why. */
export interface SkippedFile {
  /** Path relative to the root. */
  readonly file: string
  readonly reason: string
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

/** Files with their classes, as the layout of a folder says. */
export interface ListedImages extends FilesOfRoot {
  /** Name of the dataset. */
  readonly name: string
  readonly classNames: readonly string[]
  /** Class of each file. */
  readonly labels: Int32Array
  /** Whether classes without a sample are left out, and listed. Default false: every class keeps its number. */
  readonly withoutEmptyClasses?: boolean
  /** Further labels of each file. Default none. */
  readonly columns?: Readonly<Record<string, LabelColumn>>
  /** What is no sample. Default nothing. */
  readonly skipped?: readonly SkippedFile[]
}

/**
 * @param others names of the options that the dataset has besides {@link DecodingOptions}
 * @throws {OptionError} when an option is unknown or out of range, or the cache would be taken for a part of the root.
 */
export function checkDecodingOptions(who: string, options: DecodingOptions & { readonly root: string }, others: readonly string[]): void {
  expectKnownOptions(who, options, ['root', ...others, ...DECODING_OPTIONS])
  expectText(who, 'root', options.root, 'the path of a folder')
  if (options.cache !== undefined) expectCache(who, options.root, options.cache)
  expectNumber(who, 'imageSize', options.imageSize, { min: 1, max: 4096, integer: true, hint: 'In pixels a side.' })
  const { channels = 3, crop = 'centre', onCorrupt = 'error', strict = false } = options
  expectOneOf(who, 'channels', channels, [1, 3])
  expectOneOf(who, 'crop', crop, ['centre', 'none'])
  expectOneOf(who, 'onCorrupt', onCorrupt, ['error', 'skip'])
  expectBoolean(who, 'strict', strict)
}

/** A cache in the root would be a class. */
function expectCache(who: string, root: string, cache: string): void {
  expectText(who, 'cache', cache, 'the path of a folder')
  const [first = ''] = relative(root, cache).split(sep)
  if (isAbsolute(first) || /^(\.|~\$)/.test(first)) return
  throw new OptionError({
    who,
    wanted: '`cache` to be outside of `root`, where it would be taken for a class',
    got: cache,
    fix: `Pass another \`cache\`, or one in ${join(root, '.cache')}, which is not looked at.`,
  })
}

/**
 * Decodes listed images into a dataset, once, upright and in sRGB. Those that cannot be decoded are left out, with
 * `onCorrupt: 'skip'`.
 *
 * @throws {DataError} when a file cannot be decoded, unless `onCorrupt` is `'skip'`; when the cache cannot be written, or
 *   files change while they are read.
 */
export async function decodedDataset(who: string, listed: ListedImages, options: DecodingOptions): Promise<ImageFolderDataset> {
  const { imageSize, channels = 3, crop = 'centre', onCorrupt = 'error', strict = false, cache, onProgress } = options
  const { files, labels, columns } = listed
  const decoded = await decodedPixels({ ...listed, who, format: { imageSize, channels, crop }, cache, onProgress })
  const corrupt = strict ? new Map([...decoded.tolerated, ...decoded.corrupt].sort(([a], [b]) => a - b)) : decoded.corrupt
  if (corrupt.size > 0 && onCorrupt === 'error') throw undecodable(who, listed, corrupt, decoded.tolerated)

  const images = Int32Array.from(files.keys()).filter((i) => !corrupt.has(i))
  const ofImages = (all: Int32Array) => images.map((i) => all[i]!)
  const classes = listed.withoutEmptyClasses ? [...new Set(ofImages(labels))] : [...listed.classNames.keys()]
  const newLabel = new Map(classes.map((label, i) => [label, i]))
  const emptied = listed.classNames.filter((_, label) => !newLabel.has(label))
  return new ImageFolderDataset(
    {
      name: listed.name,
      pixels: decoded.pixels,
      sampleShape: [imageSize, imageSize, channels],
      images,
      labels: ofImages(labels).map((label) => newLabel.get(label)!),
      classNames: classes.map((label) => listed.classNames[label]!),
      ...(columns && { columns: columnsOfRows(columns, [...images]) }),
    },
    Array.from(images, (i) => files[i]!),
    [
      ...(listed.skipped ?? []),
      ...emptied.map((file) => ({ file, reason: 'a class folder without an image that can be read' })),
      ...Array.from(corrupt, ([i, reason]) => ({ file: files[i]!, reason })),
    ],
    strict ? [] : Array.from(decoded.tolerated, ([i, defect]) => ({ file: files[i]!, defect })),
  )
}

function undecodable(
  who: string,
  { root, files }: ListedImages,
  corrupt: ReadonlyMap<number, string>,
  tolerated: ReadonlyMap<number, string>,
): DataError {
  const named = [...corrupt].slice(0, 5).map(([i, reason]) => `${files[i]} (${reason})`)
  const more = corrupt.size > named.length ? ` and ${corrupt.size - named.length} more` : ''
  const lenient = [...corrupt.keys()].some((i) => tolerated.has(i)) ? ', or leave out `strict` to tolerate defects that leave a picture whole' : ''
  return new DataError({
    who,
    wanted: `images that can be decoded in ${root}`,
    got: `${corrupt.size} that cannot: ${named.join(', ')}${more}`,
    fix: `Remove or replace them, or pass \`onCorrupt: 'skip'\` to leave them out${lenient}.`,
  })
}
