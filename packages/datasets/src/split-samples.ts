import { DataError, expectFixedNumber, expectKnownOptions, expectNumber, Random, rowsByLabel } from '@metric-learning/contracts'
import type { ImageDataset } from './images/image-dataset.js'
import type { DatasetSplit } from './split-classes.js'

export interface SplitSamplesOptions {
  /** Share of each class's samples to train on, 0 to 1; rounded, but two samples of each class at least stay on each side. */
  readonly trainFraction: number
  /** Which samples are drawn follows from it. Default 0. */
  readonly seed?: number
}

/** A sample needs another one of its class beside it, to learn from and to be judged by. */
const LEAST = 2

/**
 * Splits a dataset by samples: every class is on both sides, each with samples of its own, drawn at random. For folders
 * of few classes; what it says is how well known classes are told apart, and not, as with `splitClasses`, classes never seen. Rows
 * keep their order. Both sides are normalised by the statistics of the training side.
 *
 * Pictures that are nearly the same (frames of one film, crops of one photo) may come to both sides, which flatters the metrics.
 *
 * @throws {DataError} when there are fewer than two classes, or a class has fewer than four samples.
 * @throws {OptionError} when an option is unknown, missing or out of range.
 */
export function splitSamples(dataset: ImageDataset, options: SplitSamplesOptions): DatasetSplit {
  expectKnownOptions('splitSamples', options, ['trainFraction', 'seed'])
  const { trainFraction, seed = 0 } = options
  expectFixedNumber('splitSamples', 'trainFraction', trainFraction, { min: 0, max: 1 })
  expectNumber('splitSamples', 'seed', seed, { integer: true })
  const classes = rowsByLabel(dataset.labels)
  expectEnough(dataset, classes)

  const isTrained = new Uint8Array(dataset.labels.length)
  for (const [label, rows] of classes) {
    const count = Math.min(Math.max(Math.round(rows.length * trainFraction), LEAST), rows.length - LEAST)
    for (const row of Random.at(seed, 'splitSamples', label).shuffle([...rows]).slice(0, count)) isTrained[row] = 1
  }
  const rowsOf = (side: number) => [...isTrained.keys()].filter((row) => isTrained[row] === side)
  const train = dataset.ofRows(`${dataset.name} train`, rowsOf(1))
  return { train, test: dataset.ofRows(`${dataset.name} test`, rowsOf(0), train.normalization) }
}

function expectEnough({ name, classNames }: ImageDataset, classes: ReadonlyMap<number, readonly number[]>): void {
  if (classes.size < 2) {
    throw new DataError({
      who: 'splitSamples',
      wanted: 'samples of two classes or more',
      got: `${classes.size} in ${name}`,
      fix: 'Add classes: samples of one are all alike.',
    })
  }
  const scarce = [...classes].filter(([, rows]) => rows.length < 2 * LEAST)
  const [first] = scarce
  if (!first) return
  const others = scarce.length > 1 ? ` (and ${scarce.length - 1} more such classes)` : ''
  throw new DataError({
    who: 'splitSamples',
    wanted: `${2 * LEAST} samples of each class or more, so that each side has ${LEAST}`,
    got: `${first[1].length} of "${classNames[first[0]]}"${others}`,
    fix: 'Add samples to it, or leave the class out.',
  })
}
