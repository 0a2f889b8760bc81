import { DataError, type Dataset } from '@metric-learning/contracts'

/**
 * Datasets of the same things, row by row, as one whose view i is the i-th of them: sketches beside photographs, two cameras, two
 * versions of a text. Labels, names and label columns are those of the first.
 *
 * @throws {DataError} when there are fewer than two, or they differ in labels, or in how samples are shaped or normalised: a batch has
 * one shape and one normalisation for all its views.
 * @example sideBySide([sketches, photographs])
 */
export function sideBySide(datasets: readonly Dataset[]): Dataset {
  const [first, ...others] = datasets
  if (!first || others.length === 0) {
    throw new DataError({ who: 'sideBySide', wanted: 'two datasets or more', got: String(datasets.length), fix: 'Pass those of which each is a view.' })
  }
  for (const other of others) expectAlike(first, other)
  const { labels, classNames, columns, sampleShape, normalization } = first
  return {
    name: datasets.map(({ name }) => name).join(' and '),
    labels,
    classNames,
    sampleShape,
    ...(columns && { columns }),
    ...(normalization && { normalization }),
    views: datasets.length,
    load: (rows, at) => datasets[at?.view ?? 0]!.load(rows, at && { ...at, view: 0 }),
  }
}

function expectAlike(first: Dataset, other: Dataset): void {
  const refuse = (wanted: string, got: string, fix: string) => new DataError({ who: 'sideBySide', wanted: `${wanted} in ${other.name} as in ${first.name}`, got, fix })
  if (other.labels.length !== first.labels.length) {
    throw refuse(`${first.labels.length} samples`, String(other.labels.length), 'Row i of each is the same thing: leave out what the other has not.')
  }
  const row = first.labels.findIndex((label, i) => label !== other.labels[i])
  if (row >= 0) throw refuse(`class ${first.labels[row]} in row ${row}`, String(other.labels[row]), 'Bring the rows of both into one order, and number their classes alike.')
  if (other.sampleShape.join() !== first.sampleShape.join()) {
    throw refuse(`samples of [${first.sampleShape.join(', ')}]`, `[${other.sampleShape.join(', ')}]`, 'Load both in one size and with as many channels.')
  }
  const statistics = ({ normalization }: Dataset) => JSON.stringify(normalization ?? null)
  if (statistics(other) === statistics(first)) return
  throw refuse('one normalisation', 'another', 'Load the second with the `normalization` of the first.')
}
