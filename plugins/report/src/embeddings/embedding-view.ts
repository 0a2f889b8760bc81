import type { EmbeddingsRecord, RunRecord } from '../record/run-record.js'

/** One model's embeddings of the rows that all views share. */
export interface EmbeddingView {
  /** `Untrained`, or the name of the run. */
  readonly name: string
  /** Place of the run among those given, which is that of its method; absent for an untrained model. */
  readonly series?: number
  /** Row-major float64 [rows, dim]. */
  readonly values: Float64Array
  readonly dim: number
}

/** What can be shown side by side. */
export interface EmbeddingViews {
  /** Rows, labels and class names that all views share. */
  readonly samples: Pick<EmbeddingsRecord, 'split' | 'rows' | 'labels' | 'classNames'>
  readonly views: readonly EmbeddingView[]
  /** Runs that cannot be shown beside the others: their embeddings are of other samples. */
  readonly others: readonly string[]
}

/**
 * The embeddings of all runs that recorded the same samples as the first, untrained models first; runs
 * that began with equal embeddings share one untrained view. `undefined` when none was recorded.
 */
export function embeddingViews(runs: readonly RunRecord[]): EmbeddingViews | undefined {
  const recorded = runs.flatMap((run, series) =>
    run.embeddings ? [{ name: run.name, series, ...run.embeddings }] : [],
  )
  const samples = recorded[0]
  if (!samples) return undefined
  const same = recorded.filter((other) => equal(other.rows, samples.rows, 0) && equal(other.labels, samples.labels, 0))
  const untrained: { names: string[]; values: Float64Array; dim: number }[] = []
  for (const { name, untrained: values, dim } of same) {
    if (!values) continue
    const known = untrained.find((other) => equal(other.values, values, 1e-3))
    if (known) known.names.push(name)
    else untrained.push({ names: [name], values: Float64Array.from(values), dim })
  }
  return {
    samples,
    views: [
      ...untrained.map(({ names, values, dim }) => ({
        name: untrained.length === 1 ? 'Untrained' : `Untrained (${names.join(', ')})`,
        values,
        dim,
      })),
      ...same.flatMap(({ name, series, trained, dim }) =>
        trained ? [{ name, series, values: Float64Array.from(trained), dim }] : [],
      ),
    ],
    others: recorded.filter((run) => !same.includes(run)).map(({ name }) => name),
  }
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!(Math.abs(a[i]! - b[i]!) <= tolerance)) return false
  return true
}
