import { isMetricLearningError, Random, type Dataset, type Embeddings } from '@metric-learning/contracts'
import type { AccuracyCalculator } from '@metric-learning/evaluation'
import { embedDataset, normalizeHostRows } from '@metric-learning/inference'
import type { BaseTester } from '@metric-learning/testers'
import type { ResolvedConfiguration } from '../configuration/read-configuration.js'
import { Registry, type PartSpec } from '../registry/registry.js'
import { makeTrunk, normalisedFor, type MadeTrunk } from '../training/make-trunk.js'
import type { TrainedSplit } from './data-splits.js'
import { missingNote, type ResultRow } from './results.js'
import { countingTester, JUDGED, testedSplits } from './train-run.js'

/** Where the weights of a trunk come from before any training: drawn from a seed, or those that it begins with. */
type WeightsFrom = { readonly seed: number } | 'weights'

const trunkOf = ({ trunk, weights }: ResolvedConfiguration, registry: Registry, { sampleShape }: Dataset, from: WeightsFrom): Promise<MadeTrunk> =>
  makeTrunk({ trunk, weights, registry, inputChannels: sampleShape[2]!, random: new Random(from === 'weights' ? 0 : from.seed), untrained: from !== 'weights' })

/** What the trunk of an experiment makes of a split before any training, judged by the tester that judges its runs. */
export async function judgeTrunk(configuration: ResolvedConfiguration, registry: Registry, { judged, references }: Omit<TrainedSplit, 'train'>, from: WeightsFrom): Promise<Pick<ResultRow, 'metrics' | 'note'>> {
  const made = await trunkOf(configuration, registry, judged, from)
  const { trunk } = made
  const splits = testedSplits({ judged: normalisedFor(made, judged), ...(references && { references: normalisedFor(made, references) }) })
  const testers = configuration.testers.map((tester, i) => registry.build<BaseTester>('testers', tester as PartSpec, `testers.${i}`, { splits, primaryMetric: configuration.metric }))
  try {
    const { metrics, reasons } = await (countingTester(testers, configuration) ?? testers[0]!).test({ trunk })
    const note = missingNote(reasons[JUDGED] ?? {})
    return { metrics: numbersOf(metrics[JUDGED]!), ...(note !== undefined && { note }) }
  } catch (error) {
    // Principal components that a network has with its embedder alone.
    if (!isMetricLearningError(error) || error.code !== 'ML_SHAPE') throw error
    return { metrics: {}, note: error.message }
  } finally {
    for (const tester of testers) tester.dispose()
    trunk.dispose()
  }
}

const numbersOf = (metrics: Readonly<Record<string, number | null>>): ResultRow['metrics'] =>
  Object.fromEntries(Object.entries(metrics).filter((entry): entry is [string, number] => entry[1] !== null))

/** What the trunk of an experiment makes of data before any training. */
export async function embedByTrunk(configuration: ResolvedConfiguration, registry: Registry, dataset: Dataset, from: WeightsFrom): Promise<Embeddings> {
  const made = await trunkOf(configuration, registry, dataset, from)
  const { trunk } = made
  try {
    const embeddings = await embedDataset({ trunk, dataset: normalisedFor(made, dataset) })
    normalizeHostRows(embeddings)
    return embeddings
  } finally {
    trunk.dispose()
  }
}

/** The calculator of the first tester of an experiment. */
export function calculatorOf({ testers }: ResolvedConfiguration, registry: Registry): AccuracyCalculator<string> {
  const [, options] = Registry.split(testers[0] as PartSpec)
  const { accuracyCalculator = 'AccuracyCalculator' } = (options ?? {}) as { readonly accuracyCalculator?: PartSpec }
  return registry.build('accuracyCalculators', accuracyCalculator, 'testers.0.accuracyCalculator')
}

/** Embeddings with the class of each. */
export interface Labelled {
  readonly embeddings: Embeddings
  readonly labels: Int32Array
}

/**
 * Metrics of embeddings, whose neighbours are looked up among references, or else among themselves; those that have no value, or would have it
 * whatever the embeddings were, are left out, and a note says why.
 */
export async function judge(calculator: AccuracyCalculator<string>, query: Labelled, reference?: Labelled): Promise<Pick<ResultRow, 'metrics' | 'note'>> {
  const { metrics, reasons, certain } = await calculator.getAccuracy({ query: query.embeddings, queryLabels: query.labels, ...(reference && { reference: reference.embeddings, referenceLabels: reference.labels }) })
  const note = missingNote({ ...reasons, ...certain })
  return { metrics: Object.fromEntries(Object.entries(metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && !(entry[0] in certain))), ...(note !== undefined && { note }) }
}

/** Embeddings of several networks side by side, one vector a sample. */
export function joined(parts: readonly Embeddings[]): Embeddings {
  const dim = parts.reduce((sum, part) => sum + part.dim, 0)
  const count = parts[0]!.embeddings.length / parts[0]!.dim
  const embeddings = new Float32Array(count * dim)
  for (let row = 0; row < count; row++) {
    let at = row * dim
    for (const part of parts) {
      embeddings.set(part.embeddings.subarray(row * part.dim, (row + 1) * part.dim), at)
      at += part.dim
    }
  }
  return { embeddings, dim }
}
