import { expectFixedNumber, expectKnownOptions, expectNumber, OptionError } from '@metric-learning/contracts'
import type { ImageDataset } from './images/image-dataset.js'

/** How many classes to train on: one of the two. */
export interface SplitClassesOptions {
  /** Share of the classes, above 0 and below 1; rounded, but at least one class stays on each side. */
  readonly trainFraction?: number
  /** Number of classes. */
  readonly trainClasses?: number
}

export interface ClassSplit {
  readonly train: ImageDataset
  readonly test: ImageDataset
}

/**
 * Splits a dataset by classes, for zero-shot evaluation: the first classes, in the order of `classNames`, to train
 * on, the others to test. No class is on both sides; labels start at 0 on each, while label columns keep their numbers.
 * Both are normalised by the statistics of the training side, so that nothing of the test classes is known in training.
 *
 * @throws {OptionError} when not exactly one option is given, or a side would be left without classes.
 */
export function splitClasses(dataset: ImageDataset, options: SplitClassesOptions): ClassSplit {
  const count = trainClassCount(dataset.classNames.length, options)
  const classes = [...dataset.classNames.keys()]
  const train = dataset.ofClasses(`${dataset.name} train`, classes.slice(0, count))
  return { train, test: dataset.ofClasses(`${dataset.name} test`, classes.slice(count), train.normalization) }
}

function trainClassCount(classes: number, options: SplitClassesOptions): number {
  expectKnownOptions('splitClasses', options, ['trainFraction', 'trainClasses'])
  const { trainFraction, trainClasses } = options
  if (trainFraction !== undefined && trainClasses === undefined) {
    expectFixedNumber('splitClasses', 'trainFraction', trainFraction, { min: 0, max: 1 })
    return Math.min(Math.max(Math.round(classes * trainFraction), 1), classes - 1)
  }
  if (trainClasses !== undefined && trainFraction === undefined) {
    const hint = `There are ${classes} classes; leave at least one for each side.`
    expectNumber('splitClasses', 'trainClasses', trainClasses, { min: 1, max: classes - 1, integer: true, hint })
    return trainClasses
  }
  throw new OptionError({
    who: 'splitClasses',
    wanted: '`trainFraction` or `trainClasses`',
    got: trainFraction === undefined ? 'neither' : 'both',
    fix: 'Pass one of them, such as { trainFraction: 0.7 }.',
  })
}
