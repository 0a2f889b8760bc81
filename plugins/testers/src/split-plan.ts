import { DataError, LabelError, OptionError, type Dataset } from '@metric-learning/contracts'
import type { Splits, SplitWithReferences } from './tester-options.js'

/** A split that is judged. */
export interface JudgedSplit {
  readonly name: string
  /** Where its neighbours are looked up; its own name comes first if it is there. */
  readonly references: readonly string[]
}

/** What is embedded and what is compared with what. */
export interface SplitPlan {
  readonly judged: readonly JudgedSplit[]
  /** All that is needed, each once: judged splits first. */
  readonly datasets: ReadonlyMap<string, Dataset>
}

/**
 * Reads the splits of a tester's options, which stay as they are.
 *
 * @throws {OptionError} when none is judged, a reference is unknown or named twice, or there are no references.
 * @param labels name of the label column by which they are judged. Default: their `labels`.
 * @throws {DataError} when a split has no samples.
 * @throws {LabelError} when a split has no such column of one class a sample.
 */
export function planSplits(who: string, splits: Splits, labels?: string): SplitPlan {
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
  const datasets = new Map([...needed].map((name) => [name, byName.get(name)!]))
  for (const [name, dataset] of datasets) expectSamples(who, name, dataset)
  if (labels === undefined) return { judged: judged.map(ownFirst), datasets }
  const seen = new Map([...datasets].map(([name, dataset]) => [name, seenBy(who, name, dataset, labels)]))
  return { judged: judged.map(ownFirst), datasets: seen }
}

/** The same samples with another column as their labels. */
function seenBy(who: string, split: string, dataset: Dataset, column: string): Dataset {
  const found = dataset.columns?.[column]
  if (!found || !('labels' in found) || found.labels.length !== dataset.labels.length) {
    throw new LabelError({
      who,
      wanted: `a column "${column}" of one class a sample in split "${split}"`,
      got: found ? 'one of another kind or length' : `only ${['labels', ...Object.keys(dataset.columns ?? {})].join(', ')}`,
      fix: 'Name a column that all splits have, or leave `labels` out.',
    })
  }
  const { name, sampleShape, normalization } = dataset
  return {
    name,
    labels: found.labels,
    classNames: found.classNames ?? [],
    sampleShape,
    ...(normalization && { normalization }),
    load: (rows, at) => dataset.load(rows, at),
  }
}

const described = (split: Dataset | SplitWithReferences): SplitWithReferences =>
  'dataset' in split ? split : { dataset: split }

const ownFirst = ({ name, references }: JudgedSplit): JudgedSplit => ({
  name,
  references: references.includes(name) ? [name, ...references.filter((other) => other !== name)] : references,
})

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
