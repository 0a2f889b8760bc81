import { checkedLabels, DataError, describeValue, expectBoolean, expectKnownOptions, type ClassColumn, type Dataset, type LabelColumn, type LoadedSamples } from '@metric-learning/contracts'

/** Options of {@link concatenated}. */
export interface ConcatenatedOptions {
  /** Whether classes of one name are one class, in whichever data sets they are. Default false: each has its own. */
  readonly sharedClasses?: boolean
}

/** A class column of one data set. */
interface SourceClasses extends ClassColumn {
  readonly source: string
}

/**
 * Several data sets as one: the rows of the first, then those of the second, and so on. `MixedSampler` says how much of each comes
 * into a batch.
 *
 * Classes of different data sets are different classes, whatever their numbers; where two have a name in common, each is called
 * `<data set>/<class>`. With `sharedClasses` those of one name are one. A further label column, `source`, has the data set of each
 * sample. Label columns of classes that all of them have are joined in the same way. There are as many views as the one with the fewest has.
 *
 * @throws {DataError} when there are fewer than two, two have one name, they differ in how samples are shaped or normalised, or a label
 * column is not of classes in all of them, or is called `source`.
 * @throws {LabelError} when labels are none.
 * @throws {OptionError} when an option is unknown, or none.
 * @example concatenated([sketches, photographs], { sharedClasses: true })
 */
export function concatenated(datasets: readonly Dataset[], options: ConcatenatedOptions = {}): Dataset {
  expectKnownOptions('concatenated', options, ['sharedClasses'])
  const { sharedClasses = false } = options
  expectBoolean('concatenated', 'sharedClasses', sharedClasses)
  expectTogether(datasets)
  const [first] = datasets as [Dataset]
  const checked = datasets.map((dataset) => checkedLabels(`concatenated, ${dataset.name}`, dataset))
  const starts = checked.reduce<number[]>((sums, { sampleCount }) => [...sums, sums.at(-1)! + sampleCount], [0])
  const join = (columns: readonly ClassColumn[]) => joined(columns.map((column, i) => ({ ...column, source: datasets[i]!.name })), sharedClasses)
  const { labels, classNames } = join(datasets.map(({ classNames: names }, i) => ({ labels: checked[i]!.labels, classNames: names })))
  const columns: Record<string, LabelColumn> = {
    source: { labels: Int32Array.from(checked.flatMap(({ sampleCount }, i) => Array<number>(sampleCount).fill(i))), classNames: datasets.map(({ name }) => name) },
  }
  for (const name of columnsOf(datasets)) columns[name] = join(datasets.map((dataset) => dataset.columns![name] as ClassColumn))
  return {
    name: datasets.map(({ name }) => name).join(' + '),
    labels,
    classNames,
    columns,
    sampleShape: first.sampleShape,
    ...(first.normalization && { normalization: first.normalization }),
    views: Math.min(...datasets.map(({ views = 1 }) => views)),
    async load(rows, at) {
      const sourceOf = (row: number) => starts.findIndex((start, i) => row >= start && row < (starts[i + 1] ?? -1))
      const sources = Array.from(rows, sourceOf)
      const missing = sources.indexOf(-1)
      if (missing !== -1) {
        throw new DataError({ who: 'concatenated', wanted: `rows from 0 to ${labels.length - 1}`, got: String(rows[missing]), fix: 'Draw rows for the data sets together, as `MixedSampler` does.' })
      }
      const parts = await Promise.all(
        datasets.map(async (dataset, i) => {
          const places = sources.flatMap((source, place) => (source === i ? [place] : []))
          const own = Int32Array.from(places, (place) => rows[place]! - starts[i]!)
          return { places, samples: places.length > 0 ? await dataset.load(own, at) : undefined }
        }),
      )
      return interleaved(parts, [rows.length, ...first.sampleShape])
    },
  }
}

/** Samples of several data sets, each at its place. */
function interleaved(parts: readonly { readonly places: readonly number[]; readonly samples: LoadedSamples | undefined }[], shape: readonly number[]): LoadedSamples {
  const loaded = parts.flatMap(({ places, samples }) => (samples ? [{ places, values: samples.values }] : []))
  const kinds = new Set(loaded.map(({ values }) => (values instanceof Float32Array ? 'Float32Array' : 'Uint8Array')))
  if (kinds.size > 1) throw new DataError({ who: 'concatenated', wanted: 'samples of one kind from all data sets', got: [...kinds].join(' and '), fix: 'Load all as pixels, or all as values.' })
  const size = shape.slice(1).reduce((product, extent) => product * extent, 1)
  const values = kinds.has('Float32Array') ? new Float32Array(shape[0]! * size) : new Uint8Array(shape[0]! * size)
  for (const { places, values: own } of loaded) places.forEach((place, i) => values.set(own.subarray(i * size, (i + 1) * size), place * size))
  return { values, shape }
}

/** Classes one after the other, or by name. */
function joined(columns: readonly SourceClasses[], sharedClasses: boolean): Required<ClassColumn> {
  const counts = new Map<string, number>()
  const named = columns.map((column) => ({ ...column, names: namesOf(column) }))
  for (const { names } of named) for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  const numbers = new Map<string, number>()
  const classNames: string[] = []
  const labels: number[] = []
  for (const column of named) {
    const own = column.names.map((name) => {
      const called = sharedClasses || counts.get(name) === 1 ? name : `${column.source}/${name}`
      if (!sharedClasses) return classNames.push(called) - 1
      if (!numbers.has(called)) numbers.set(called, classNames.push(called) - 1)
      return numbers.get(called)!
    })
    for (const label of column.labels) labels.push(expectNamed(column, label, own))
  }
  return { labels: Int32Array.from(labels), classNames }
}

/** Those of a column without names are its numbers. */
const namesOf = ({ labels, classNames }: SourceClasses): readonly string[] =>
  classNames ?? Array.from({ length: labels.reduce((most, label) => Math.max(most, label), -1) + 1 }, (_, label) => String(label))

function expectNamed({ source }: SourceClasses, label: number, numbers: readonly number[]): number {
  const number = numbers[label]
  if (number !== undefined) return number
  throw new DataError({ who: 'concatenated', wanted: `labels from 0 to ${numbers.length - 1} in ${source}, which names ${numbers.length} classes`, got: String(label), fix: 'Number its classes from 0, in the order of `classNames`: `mapLabels` does.' })
}

/** Names of the label columns of all. */
function columnsOf(datasets: readonly Dataset[]): readonly string[] {
  const names = [...new Set(datasets.flatMap(({ columns = {} }) => Object.keys(columns)))]
  const fault = names.find((name) => name === 'source' || datasets.some(({ columns = {} }) => !('labels' in (columns[name] ?? {}))))
  if (fault === undefined) return names
  throw new DataError({
    who: 'concatenated',
    wanted: fault === 'source' ? 'no label column called `source`, which says where samples are from' : `the label column \`${fault}\` in all data sets, of one class a sample`,
    got: fault === 'source' ? 'one' : 'it in some only, or as rows of integers',
    fix: 'Give all of them the same columns, or none: `withColumns({ … })`.',
  })
}

function expectTogether(datasets: readonly Dataset[]): void {
  const refuse = (wanted: string, got: string, fix: string) => new DataError({ who: 'concatenated', wanted, got, fix })
  const [first, ...others] = Array.isArray(datasets) ? (datasets as readonly Dataset[]) : []
  const isDataset = (dataset: unknown) => typeof dataset === 'object' && dataset !== null && Array.isArray((dataset as Partial<Dataset>).sampleShape)
  const fault = [first, ...others].findIndex((dataset) => !isDataset(dataset))
  if (!first || others.length === 0 || fault !== -1) {
    const got = !Array.isArray(datasets) ? describeValue(datasets) : datasets.length < 2 ? String(datasets.length) : `${describeValue(datasets[fault])} at position ${fault}`
    throw refuse('a list of two data sets or more', got, 'Pass those that make up one, each with its `sampleShape`.')
  }
  const names = datasets.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw refuse('data sets with names of their own', `"${twice}" twice`, 'Give each a `name`: it tells where samples are from.')
  for (const other of others) {
    if (other.sampleShape.join() !== first.sampleShape.join()) {
      throw refuse(`samples of [${first.sampleShape.join(', ')}] in ${other.name} as in ${first.name}`, `[${other.sampleShape.join(', ')}]`, 'Load all in one size and with as many channels.')
    }
    if (JSON.stringify(other.normalization ?? null) === JSON.stringify(first.normalization ?? null)) continue
    throw refuse(`one normalisation in ${other.name} as in ${first.name}`, 'another', 'Load all with the `normalization` of one of them.')
  }
}
