import { DataError, expectKnownOptions, expectNumber, Random, rowsByLabel, type Dataset, type DrawPosition } from '@metric-learning/contracts'

export interface WithPositivesOptions {
  /** Which positives are drawn follows from this and from the position at which a batch is loaded. Default 0. */
  readonly seed?: number
}

/** Where a batch is that is loaded without saying where. */
const NOWHERE: DrawPosition = { seed: 0, epoch: 0, batch: 0, view: 0 }

/**
 * A dataset whose first view of a sample is the sample itself, and whose further views are each another sample of its class, drawn
 * anew for each batch: anchors and positives for `twoStreams`. Draws follow from `seed` and the position of the batch alone.
 *
 * @throws {DataError} when a class has one sample only.
 * @throws {OptionError} when an option is unknown, or no integer.
 * @example withPositives(train, { seed: 1 })
 */
export function withPositives(dataset: Dataset, options: WithPositivesOptions = {}): Dataset {
  expectKnownOptions('withPositives', options, ['seed'])
  const { seed = 0 } = options
  expectNumber('withPositives', 'seed', seed, { integer: true })
  const classes = rowsByLabel(dataset.labels)
  const lone = [...classes].find(([, rows]) => rows.length < 2)
  if (lone) {
    throw new DataError({
      who: 'withPositives',
      wanted: 'two samples of each class or more, so that each has a positive',
      got: `one of "${dataset.classNames[lone[0]] ?? lone[0]}" in ${dataset.name}`,
      fix: 'Leave the class out, or add samples to it.',
    })
  }
  const placeInClass = new Int32Array(dataset.labels.length)
  for (const rows of classes.values()) rows.forEach((row, place) => (placeInClass[row] = place))
  const { name, labels, classNames, columns, sampleShape, normalization } = dataset
  return {
    name: `${name} with positives`,
    labels,
    classNames,
    sampleShape,
    ...(columns && { columns }),
    ...(normalization && { normalization }),
    views: Infinity,
    load(rows, at = NOWHERE) {
      if (at.view === 0) return dataset.load(rows, at)
      const random = Random.at(at.seed, 'withPositives', seed, at.epoch, at.batch, at.view)
      const others = rows.map((row) => {
        const ofClass = classes.get(labels[row]!)!
        const place = random.int(ofClass.length - 1)
        return ofClass[place < placeInClass[row]! ? place : place + 1]!
      })
      return dataset.load(others, at)
    },
  }
}
