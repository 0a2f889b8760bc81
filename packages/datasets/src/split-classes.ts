import { DataError, expectFixedNumber, expectKnownOptions, expectNumber, OptionError } from '@metric-learning/contracts'
import type { ImageDataset } from './images/image-dataset.js'

/** How many classes to train on: one of the two. */
export interface SplitClassesOptions {
  /** Share of the classes, 0 to 1; rounded, but two classes at least stay on each side. */
  readonly trainFraction?: number
  /** Number of classes, from two to two less than there are. */
  readonly trainClasses?: number
}

/** The two sides of a split. */
export interface DatasetSplit {
  readonly train: ImageDataset
  readonly test: ImageDataset
}

/** Of one class nothing can be learned, and nothing can be judged: all samples are alike. */
const LEAST = 2

/**
 * Splits a dataset by classes, for zero-shot evaluation: the first classes, in the order of `classNames`, to train
 * on, the others to test. No class is on both sides; labels start at 0 on each, while label columns keep their numbers.
 * Both are normalised by the statistics of the training side, so that nothing of the test classes is known in training.
 * Each side has two classes at least: with one, every loss is 0 and every metric 1.
 *
 * @throws {DataError} when there are fewer than four classes, or all classes of a side have one sample only.
 * @throws {OptionError} when not exactly one option is given, or a side would be left with fewer than two classes.
 */
export function splitClasses(dataset: ImageDataset, options: SplitClassesOptions): DatasetSplit {
  const count = trainClassCount(dataset, options)
  const classes = [...dataset.classNames.keys()]
  const train = dataset.ofClasses(`${dataset.name} train`, classes.slice(0, count))
  const test = dataset.ofClasses(`${dataset.name} test`, classes.slice(count), train.normalization)
  for (const side of [train, test]) expectPairs(side)
  return { train, test }
}

/** A sample that is alone in its class has nothing to be drawn to, and nothing that it should find. */
function expectPairs({ name, labels }: ImageDataset): void {
  if (new Set(labels).size < labels.length) return
  throw new DataError({
    who: 'splitClasses',
    wanted: 'a class of two samples or more on each side',
    got: `${labels.length} classes of one each in ${name}`,
    fix: 'Add samples to them.',
  })
}

function trainClassCount({ name, classNames }: ImageDataset, options: SplitClassesOptions): number {
  expectKnownOptions('splitClasses', options, ['trainFraction', 'trainClasses'])
  const { trainFraction, trainClasses } = options
  const most = classNames.length - LEAST
  if (most < LEAST) {
    throw new DataError({
      who: 'splitClasses',
      wanted: `${2 * LEAST} classes or more, so that each side has ${LEAST}`,
      got: `${classNames.length} in ${name}`,
      fix: 'Add classes, or split by samples with `splitSamples`: every class is on both sides then.',
    })
  }
  if (trainFraction !== undefined && trainClasses === undefined) {
    expectFixedNumber('splitClasses', 'trainFraction', trainFraction, { min: 0, max: 1 })
    return Math.min(Math.max(Math.round(classNames.length * trainFraction), LEAST), most)
  }
  if (trainClasses !== undefined && trainFraction === undefined) {
    const hint = `There are ${classNames.length} classes; leave at least ${LEAST} for each side.`
    expectNumber('splitClasses', 'trainClasses', trainClasses, { min: LEAST, max: most, integer: true, hint })
    return trainClasses
  }
  throw new OptionError({
    who: 'splitClasses',
    wanted: '`trainFraction` or `trainClasses`',
    got: trainFraction === undefined ? 'neither' : 'both',
    fix: 'Pass one of them, such as { trainFraction: 0.7 }.',
  })
}
