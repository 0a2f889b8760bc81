import { DataError, describeValue, LabelError, OptionError, ShapeError, type ClassColumn, type Dataset } from '@metric-learning/contracts'
import type { Splits, SplitWithReferences } from './tester-options.js'

/** A split that is judged. */
export interface JudgedSplit {
  readonly name: string
  /** Names of the sets where its neighbours are looked up; its own comes first if it is there. */
  readonly references: readonly string[]
}

/** A set that is embedded: a split, or the second view of one. */
export interface PlannedSet {
  /** The samples, with the first level as their labels. */
  readonly dataset: Dataset
  /** As it was given. */
  readonly given: Dataset
  /** Its classes at each level. */
  readonly levels: readonly ClassColumn[]
  /** Which of the two streams it is of; 0 where there is one. */
  readonly stream: 0 | 1
}

/** What is embedded and what is compared with what. */
export interface SplitPlan {
  readonly judged: readonly JudgedSplit[]
  /** All that is needed by name, each once: judged splits first. */
  readonly sets: ReadonlyMap<string, PlannedSet>
}

/** The set of the second views of a split. */
const secondViewsOf = (split: string) => `${split} references`

/**
 * Reads the splits of a tester's options, which stay as they are.
 *
 * @param levels names of the label columns by which they are judged; `'labels'` is a data set's own.
 * @throws {OptionError} when they are no data sets by name, none is judged, a reference is unknown or named twice, or there are no references.
 * @throws {DataError} when a split has no samples.
 * @throws {LabelError} when a split has no such column of one class a sample.
 * @throws {ShapeError} when samples of one split can't go through the model that embeds those of another.
 */
export function planSplits(who: string, splits: Splits, levels: readonly string[]): SplitPlan {
  expectDatasets(who, splits)
  const all = Object.entries(splits).map(([name, split]) => ({ name, ...described(split) }))
  const judged = all.filter(({ query }) => query !== false).map(({ name, references = [name] }) => ({ name, references }))
  if (judged.length === 0) {
    throw new OptionError({
      who,
      wanted: '`splits` with at least one to judge',
      got: all.length ? 'only such with `query: false`' : 'none',
      fix: 'Pass `splits: { val: dataset }`.',
    })
  }
  for (const split of judged) expectReferences(who, split, Object.keys(splits))

  const needed = new Set([...judged.map(({ name }) => name), ...judged.flatMap(({ references }) => references)])
  const byName = new Map(all.map(({ name, dataset }) => [name, dataset]))
  const datasets = [...needed].map((name) => [name, byName.get(name)!] as const)
  for (const [name, dataset] of datasets) expectSamples(who, name, dataset)
  expectAlike(who, datasets)
  return {
    judged: judged.map(ownFirst),
    sets: new Map(datasets.map(([name, dataset]) => [name, planned(who, name, dataset, levels)])),
  }
}

/**
 * The same splits with the first view of each sample as a query, and the second ones as what is looked up.
 *
 * @throws {OptionError} when a split has other references.
 * @throws {DataError} when a split has one view.
 */
export function inTwoStreams(who: string, { judged, sets }: SplitPlan): SplitPlan {
  for (const { name, references } of judged) {
    if (references.length === 1 && references[0] === name) continue
    throw new OptionError({
      who,
      wanted: `no \`references\` for split "${name}": its own second views are what is looked up`,
      got: `[${references.join(', ')}]`,
      fix: 'Leave them out, or use GlobalEmbeddingSpaceTester.',
    })
  }
  for (const { name } of judged) {
    const { views = 1 } = sets.get(name)!.dataset
    if (views >= 2) continue
    throw new DataError({
      who,
      wanted: `split "${name}" with two views of each sample`,
      got: `${views}`,
      fix: 'Pass a data set with `views: 2`, or use GlobalEmbeddingSpaceTester.',
    })
  }
  const streamOf = (name: string, stream: 0 | 1): PlannedSet => {
    const { dataset, given, levels } = sets.get(name)!
    return { dataset: viewOf(dataset, stream), given, levels, stream }
  }
  return {
    judged: judged.map(({ name }) => ({ name, references: [secondViewsOf(name)] })),
    sets: new Map([
      ...judged.map(({ name }) => [name, streamOf(name, 0)] as const),
      ...judged.map(({ name }) => [secondViewsOf(name), streamOf(name, 1)] as const),
    ]),
  }
}

/** One view of all samples. Where views are drawn at random, those of each batch of rows are draws of their own. */
function viewOf(dataset: Dataset, view: number): Dataset {
  const load: Dataset['load'] = (rows) => dataset.load(rows, { seed: 0, epoch: 1, batch: rows[0] ?? 0, view })
  return { ...seenBy(dataset, dataset), load }
}

function planned(who: string, split: string, dataset: Dataset, levels: readonly string[]): PlannedSet {
  const columns = levels.map((level) => columnOf(who, split, dataset, level))
  return { dataset: levels[0] === OWN ? dataset : seenBy(dataset, columns[0]!), given: dataset, levels: columns, stream: 0 }
}

/** The name of a data set's own labels among its columns. */
const OWN = 'labels'

function columnOf(who: string, split: string, dataset: Dataset, level: string): ClassColumn {
  const found = level === OWN ? dataset : dataset.columns?.[level]
  if (found && 'labels' in found && found.labels.length === dataset.labels.length) return found
  throw new LabelError({
    who,
    wanted: `a column "${level}" of one class a sample in split "${split}"`,
    got: found ? 'one of another kind or length' : `only ${[OWN, ...Object.keys(dataset.columns ?? {})].join(', ')}`,
    fix: found
      ? `Give the data set \`columns: { ${level}: { labels } }\`, with one of \`labels\` for each of its ${dataset.labels.length} samples; rows of labels are not judged.`
      : 'Name a column that all splits have, or leave `labels` out.',
  })
}

/** The same samples with another column as their labels. */
function seenBy(dataset: Dataset, { labels, classNames = [] }: ClassColumn): Dataset {
  const { name, sampleShape, normalization, views } = dataset
  return {
    name,
    labels,
    classNames,
    sampleShape,
    ...(normalization && { normalization }),
    ...(views !== undefined && { views }),
    load: (rows, at) => dataset.load(rows, at),
  }
}

const described = (split: Dataset | SplitWithReferences): SplitWithReferences =>
  'dataset' in split ? split : { dataset: split }

const ownFirst = ({ name, references }: JudgedSplit): JudgedSplit => ({
  name,
  references: references.includes(name) ? [name, ...references.filter((other) => other !== name)] : references,
})

function expectDatasets(who: string, splits: unknown): void {
  const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
  const other = isObject(splits) ? Object.entries(splits).find(([, split]) => !isObject(split) || !('dataset' in split || 'labels' in split)) : undefined
  if (isObject(splits) && other === undefined) return
  throw new OptionError({
    who,
    wanted: '`splits` to be data sets by name',
    got: other === undefined ? describeValue(splits) : `${describeValue(other[1])} as "${other[0]}"`,
    fix: 'Pass `splits: { val: dataset }`.',
  })
}

function expectReferences(who: string, { name, references }: JudgedSplit, known: readonly string[]): void {
  const unknown = references.find((reference) => !known.includes(reference))
  const isTwice = new Set(references).size < references.length
  if (references.length > 0 && unknown === undefined && !isTwice) return
  throw new OptionError({
    who,
    wanted: `\`references\` of split "${name}" out of ${known.join(', ')}, each once`,
    got: unknown === undefined ? `[${references.join(', ')}]` : `"${unknown}"`,
    fix: 'Give the reference set as a split of its own; with `query: false` it is not judged itself.',
  })
}

function expectSamples(who: string, name: string, dataset: Dataset): void {
  if (dataset.labels.length > 0) return
  throw new DataError({
    who,
    wanted: `split "${name}" with samples`,
    got: 'none',
    fix: 'Check how the data set was made, or leave the split out.',
  })
}

/** One model embeds all splits. Height and width of images may differ, for there are models that take any. */
function expectAlike(who: string, datasets: readonly (readonly [name: string, dataset: Dataset])[]): void {
  const [[first, { sampleShape: wanted }], ...others] = datasets as [(typeof datasets)[0], ...typeof datasets]
  const other = others.find(([, { sampleShape: shape }]) => shape.length !== wanted.length || shape.at(-1) !== wanted.at(-1))
  if (!other) return
  throw new ShapeError({
    who,
    wanted: `samples of split "${other[0]}" as those of "${first}", [${wanted.join(', ')}]`,
    got: `[${other[1].sampleShape.join(', ')}]`,
    fix: 'Compare splits that one model embeds.',
  })
}
