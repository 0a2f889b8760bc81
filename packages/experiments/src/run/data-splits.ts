import { DataError, OptionError, type Dataset } from '@metric-learning/contracts'
import { concatenated, ImageDataset, splitSamples } from '@metric-learning/datasets'
import type { ProtocolConfiguration, SplitConfiguration } from '../configuration/experiment-configuration.js'
import type { LoadedData } from '../registry/data-sets.js'
import { classSubset } from '../training/class-subset.js'

/** Which samples are trained on, and which are judged while that goes on. */
export interface TrainedSplit {
  readonly train: Dataset
  readonly judged: Dataset
  /** Where neighbours of those that are judged are looked up. Default: among themselves. */
  readonly references?: Dataset
}

/** The folds of a cross-validation, and the test set beside them. */
export interface Folds {
  /** Of each, `judged` is the validation fold. */
  readonly folds: readonly TrainedSplit[]
  readonly test: Dataset
}

/**
 * Splits data as a configuration says.
 *
 * @throws {OptionError} when data that was published without a split is to be split as published.
 */
export function splitData(data: LoadedData, split: SplitConfiguration = data.test ? 'published' : { classes: 0.5 }): TrainedSplit {
  if (split === 'published') {
    if (data.test) return { train: data.train, judged: data.test, ...(data.references && { references: data.references }) }
    throw new OptionError({ who: 'experiment', wanted: '`split` by classes or samples', got: "'published'", fix: `${data.train.name} has no split of its own: pass { classes: 0.5 }.` })
  }
  const all = allClasses(data)
  if ('classes' in split) {
    const { first, second } = halves(all, split.classes)
    if (first.length < 2 || second.length < 2) {
      throw new DataError({ who: 'experiment', wanted: 'two classes or more to train on, and two to judge', got: `${first.length} and ${second.length} of ${all.name}`, fix: 'Take another share of classes.' })
    }
    return sides(all, [first, second])
  }
  if (!(all instanceof ImageDataset)) throw new OptionError({ who: 'experiment', wanted: '`split` as published or by classes', got: '{ samples }', fix: `${all.name} is of several data sets.` })
  const { train, test } = splitSamples(all, { trainFraction: split.samples })
  return { train, judged: test }
}

/**
 * The first classes in folds that share none, and the others to test; all in the order of the data set.
 *
 * @throws {DataError} when there are fewer than two classes for a fold, or for the test set.
 */
export function foldsOf(data: LoadedData, { folds: count = 4, trainFraction = 0.5 }: ProtocolConfiguration): Folds {
  const all = allClasses(data)
  const { first, second } = halves(all, trainFraction)
  if (first.length < 2 * count || second.length < 2) {
    throw new DataError({ who: 'experiment', wanted: `${2 * count} classes or more to cross-validate on in ${count} folds, and 2 to test`, got: `${first.length} and ${second.length} of ${all.name}`, fix: 'Take fewer folds, another `trainFraction`, or data of more classes.' })
  }
  const edge = (fold: number) => Math.round((fold * first.length) / count)
  const folds = Array.from({ length: count }, (_, fold) => {
    const judged = first.slice(edge(fold), edge(fold + 1))
    return sides(all, [first.filter((label) => !judged.includes(label)), judged])
  })
  // Nothing of the test classes is known in training: statistics of pixels are those of the others.
  const training = classSubset(all, `${all.name}, cross-validated`, first)
  return { folds, test: classSubset(all, `${all.name}, test classes`, second, training.normalization) }
}

function sides(all: Dataset, [trained, judged]: readonly [readonly number[], readonly number[]]): TrainedSplit {
  const train = classSubset(all, `${all.name} train`, trained)
  return { train, judged: classSubset(all, `${all.name} held out`, judged, train.normalization) }
}

function halves({ classNames }: Dataset, share: number) {
  const count = Math.round(classNames.length * share)
  const classes = [...classNames.keys()]
  return { first: classes.slice(0, count), second: classes.slice(count) }
}

/**
 * All classes that there are, each once. Where both sides have the same ones, the side to judge is left out.
 *
 * @throws {DataError} when sides that are said to share no class have one of the same name.
 */
function allClasses({ train, test, references, sharesClasses = false }: LoadedData): Dataset {
  if (test === undefined || sharesClasses) return train
  expectNoneShared(train, test)
  return references ? concatenated([train, test, references], { sharedClasses: true }) : concatenated([train, test])
}

/** Otherwise a class that is on both sides would be trained on and judged, under two names. */
function expectNoneShared(train: Dataset, test: Dataset): void {
  const trained = new Set(train.classNames)
  const shared = test.classNames.filter((name) => trained.has(name))
  if (shared.length === 0) return
  throw new DataError({
    who: 'experiment',
    wanted: `no class of ${train.name} in ${test.name}, as data with a \`test\` of its own has it`,
    got: `"${shared[0]}"${shared.length > 1 ? ` and ${shared.length - 1} more` : ''} in both`,
    fix: 'Give `sharesClasses: true` with the data where both sides have the same classes; else name them apart.',
  })
}
