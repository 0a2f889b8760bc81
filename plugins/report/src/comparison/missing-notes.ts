import { orderMetrics } from '../metrics/metric-description.js'
import { finalEvaluation, untrainedEvaluation } from '../record/final-evaluation.js'
import type { EvaluationRecord } from '../record/run-record.js'
import { descriptionsOf } from './comparison.js'
import type { Method } from './method.js'

/** Why metrics are missing, a sentence for each reason: `No AMI, NMI of heldOut (untrained, Triplet): All queries are of one class.` */
export function missingNotes(methods: readonly Method[], splits: readonly string[]): string[] {
  const descriptions = descriptionsOf(methods)
  const runs = methods.flatMap((method) => method.runs)
  return splits.flatMap((split) => {
    const evaluations = runs.flatMap((run) => [
      { of: 'untrained', evaluation: untrainedEvaluation(run, split) },
      { of: run.name, evaluation: finalEvaluation(run, split) },
    ])
    const missing = evaluations.flatMap(({ of, evaluation }) =>
      missingIn(evaluation, split).map(({ metrics, reason }) => ({ of, labels: orderMetrics(metrics, descriptions).map(({ label }) => label).join(', '), reason })),
    )
    const groups = groupBy(missing, ({ labels, reason }) => `${labels}\n${reason}`)
    return groups.map((group) => `No ${group[0]!.labels} of ${split} (${[...new Set(group.map(({ of }) => of))].join(', ')}): ${group[0]!.reason}`)
  })
}

/** Metrics that an evaluation lacks, those of one reason together. */
const missingIn = (evaluation: EvaluationRecord | undefined, split: string): { readonly metrics: string[]; readonly reason: string }[] =>
  groupBy(Object.entries(evaluation?.reasons?.[split] ?? {}), ([, reason]) => reason).map((group) => ({
    metrics: group.map(([metric]) => metric),
    reason: group[0]![1],
  }))

/** In the order in which keys first come. */
function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value])
  return [...groups.values()]
}
