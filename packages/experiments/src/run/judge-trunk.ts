import { Random, type Dataset, type Embeddings } from '@metric-learning/contracts'
import type { AccuracyCalculator } from '@metric-learning/evaluation'
import { embedDataset, normalizeHostRows } from '@metric-learning/inference'
import type { ResolvedConfiguration } from '../configuration/read-configuration.js'
import { Registry, type PartSpec } from '../registry/registry.js'
import { makeTrunk, normalisedFor } from '../training/make-trunk.js'
import { missingNote, type ResultRow } from './results.js'

/** What the trunk of an experiment makes of data before any training: drawn from a seed, or with the weights that it begins with. */
export async function embedByTrunk({ trunk: spec, weights }: ResolvedConfiguration, registry: Registry, dataset: Dataset, from: { readonly seed: number } | 'weights'): Promise<Embeddings> {
  const untrained = from !== 'weights'
  const made = await makeTrunk({ trunk: spec, weights, registry, inputChannels: dataset.sampleShape[2]!, random: new Random(untrained ? from.seed : 0), untrained })
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
