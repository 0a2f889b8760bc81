import { augmented, imageFolder, quickDraw, splitClasses, splitSamples, type ImageFolderDataset, type ReadingProgress } from '@metric-learning/datasets'
import type { Dataset } from '@metric-learning/contracts'
import type { QuickstartOptions } from './options.js'

/** Side of a drawing of Quick, Draw!, in pixels. */
const DRAWING_SIDE = 28

/** Training images, and held-out ones: by default of classes that training never sees. */
export interface ComparisonData {
  readonly train: Dataset
  readonly heldOut: Dataset
  /** One line on what it is. */
  readonly description: string
  /** What the metrics are about, such as `held-out classes, 100 never seen in training`. */
  readonly judgedOn: string
  /** Light strokes on black, shown as ink on paper. */
  readonly inverted: boolean
}

/** [height, width, channels] of the images that {@link loadData} gives. */
export const sampleShapeOf = ({ data, imageSize }: QuickstartOptions): readonly number[] =>
  data === undefined ? [DRAWING_SIDE, DRAWING_SIDE, 1] : [imageSize, imageSize, 3]

/** Quick, Draw!, or the image folder that the user names, split as asked. */
export async function loadData(options: QuickstartOptions, say: (line: string) => void): Promise<ComparisonData> {
  if (options.data !== undefined) return loadFolder(options.data, options, say)
  say('Reading Quick, Draw! (drawings by Google, CC BY 4.0) …')
  const [train, heldOut] = [await quickDraw({ split: 'train' }), await quickDraw({ split: 'test' })]
  return described('Quick, Draw!', { train, test: heldOut }, options, true)
}

async function loadFolder(root: string, options: QuickstartOptions, say: (line: string) => void): Promise<ComparisonData> {
  const { imageSize, onCorrupt, strict, cache, split, trainFraction, seed } = options
  say(`Reading the images of ${root} …`)
  const all = await imageFolder({ root, imageSize, onCorrupt, strict, onProgress: nowAndThen(say), ...(cache !== undefined && { cache }) })
  for (const line of remarks(all)) say(line)
  const sides = split === 'classes' ? splitClasses(all, { trainFraction }) : splitSamples(all, { trainFraction, seed })
  return described(root, sides, options, false)
}

/** Seconds between two lines on how far a folder is read. */
const SAY_EVERY = 5

function nowAndThen(say: (line: string) => void): (progress: ReadingProgress) => void {
  let said = performance.now()
  return ({ step, done, total }) => {
    const now = performance.now()
    if (now - said < 1000 * SAY_EVERY || done === total) return
    said = now
    const [of, all] = [done, total].map((count) => count.toLocaleString('en'))
    say(`  ${step === 'identifying' ? 'known' : 'decoded'}: ${of} of ${all} files`)
  }
}

/** Files named in a remark. */
const NAMED = 5

function remarks({ skipped, tolerated }: ImageFolderDataset): string[] {
  const list = (title: string, files: readonly string[]) => {
    if (files.length === 0) return []
    const more = files.length > NAMED ? `, and ${files.length - NAMED} more` : ''
    return [`${title} ${files.length}: ${files.slice(0, NAMED).join(', ')}${more}`]
  }
  return [
    ...list('Left out', skipped.map(({ file, reason }) => `${file} (${reason})`)),
    ...list('Taken in spite of a defect', tolerated.map(({ file, defect }) => `${file} (${defect})`)),
  ]
}

interface Sides {
  readonly train: Dataset
  readonly test: Dataset
}

function described(name: string, { train, test }: Sides, { split, augment, seed }: QuickstartOptions, inverted: boolean): ComparisonData {
  const side = ({ labels, classNames }: Dataset) => `${labels.length.toLocaleString('en')} images of ${classNames.length} classes`
  const count = test.labels.length.toLocaleString('en')
  const isOfClasses = split === 'classes'
  const padding = Math.ceil(train.sampleShape[0]! / 8)
  return {
    train: augment ? augmented(train, { randomCrop: { padding }, horizontalFlip: 0.5, seed }) : train,
    heldOut: test,
    description: `${name}: trained on ${side(train)}, judged on ${isOfClasses ? `${side(test)} never seen in training` : `${count} other images of the same classes`}`,
    judgedOn: isOfClasses
      ? `held-out classes, ${test.classNames.length} never seen in training`
      : `held-out images, ${count} of the classes that were trained on`,
    inverted,
  }
}
