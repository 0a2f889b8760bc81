import { rowsByLabel, type Dataset, type LoadedSamples } from '@metric-learning/contracts'
import type { EvalEndContext } from '@metric-learning/core'

/** Samples that are compared to see whether two sets are the same. */
const COMPARED = 8

/** How often a metric may be perfect before it is said to be always. */
const PERFECT = 3

/** A metric that says nothing, by the split that it is of. */
export interface CertainMetric {
  readonly split: string
  readonly message: string
}

/** Tells metrics that cannot fail, whatever the embeddings are. */
export class CertainMetrics {
  /** In how many evaluations, all so far, all metrics of a split were perfect or missing; -1 where one was not. */
  #perfect = new Map<string, number>()
  readonly #sameAsTraining = new Map<Dataset, Promise<boolean>>()

  /** @param training what is trained on */
  constructor(private readonly training: Dataset) {}

  /** How often all metrics of a split were perfect; part of a run's state. */
  get state(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#perfect)
  }

  restore(perfect: Readonly<Record<string, number>>): void {
    this.#perfect = new Map(Object.entries(perfect))
  }

  async judge({ metrics, reasons, descriptions, splits }: Pick<EvalEndContext, 'metrics' | 'reasons' | 'descriptions' | 'splits'>): Promise<readonly CertainMetric[]> {
    const found: CertainMetric[] = []
    const seen: string[] = []
    for (const [split, values] of Object.entries(metrics)) {
      const judged = splits.find(({ name }) => name === split)
      if (judged && (await this.#isTraining(judged.dataset))) seen.push(split)
      const all = Object.entries(values)
      const isPerfect = ([name, value]: readonly [string, number | null]) => value === null || value === (descriptions[name]?.better === 'smaller' ? 0 : 1)
      const before = this.#perfect.get(split) ?? 0
      const times = before < 0 || all.length === 0 || !all.every(isPerfect) ? -1 : before + 1
      this.#perfect.set(split, times)
      const isMissing = all.every(([, value]) => value === null)
      const fault = times > 0 && judged ? labelFault(judged.labels, isMissing) : undefined
      if (fault !== undefined) found.push({ split, message: `Metrics of ${split} cannot fail: ${fault}` })
      else if (times >= PERFECT) found.push({ split, message: perfect(split, times, all, reasons[split] ?? {}) })
    }
    const names = Object.keys(metrics)
    // A split of training data beside a held-out one is there on purpose, if it is called so.
    for (const split of seen.filter((name) => seen.length === names.length || !/train/i.test(name))) {
      found.push({
        split,
        message: `Metrics of ${split} are those of the samples that are trained on: a network that knows them by heart is perfect there. Hold out classes (\`splitClasses\` of datasets), or samples (\`splitSamples\`).`,
      })
    }
    return found
  }

  #isTraining(dataset: Dataset): Promise<boolean> {
    const known = this.#sameAsTraining.get(dataset)
    if (known) return known
    const same = isSame(dataset, this.training)
    this.#sameAsTraining.set(dataset, same)
    return same
  }
}

/** @param isMissing whether no metric has a value: lone samples may have their likes among references */
function labelFault(labels: Int32Array, isMissing: boolean): string | undefined {
  const groups = [...rowsByLabel(labels).values()]
  if (groups.length === 1) return 'it has one class, so that every neighbour is right. Judge several classes.'
  if (isMissing && groups.every(({ length }) => length === 1)) return 'no class has two samples, so that there is nothing to find. Judge at least two samples of a class.'
  return undefined
}

function perfect(split: string, times: number, values: readonly (readonly [string, number | null])[], reasons: Readonly<Record<string, string>>): string {
  const missing = values.filter(([, value]) => value === null)
  if (missing.length === values.length) {
    const reason = Object.values(reasons)[0]
    return `No metric of ${split} has had a value in ${times} evaluations${reason === undefined ? '' : ` (${reason})`}: there is nothing to choose by. Judge another split, or other metrics.`
  }
  return `All metrics of ${split} have been perfect in all ${times} evaluations: they cannot tell what is better. Judge harder samples, more classes, or see whether labels are part of the input.`
}

/** Whether two sets have the same labels and, as far as some samples show, the same samples. */
async function isSame(one: Dataset, other: Dataset): Promise<boolean> {
  if (one === other) return true
  const size = one.labels.length
  if (size === 0 || size !== other.labels.length || !one.labels.every((label, row) => label === other.labels[row])) return false
  if (one.labels === other.labels) return true
  const rows = Int32Array.from({ length: Math.min(COMPARED, size) }, (_, i) => Math.floor((i * size) / Math.min(COMPARED, size)))
  const [own, others] = await Promise.all([one.load(rows.slice()), other.load(rows.slice())])
  return areEqual(own, others)
}

const areEqual = (one: LoadedSamples, other: LoadedSamples): boolean =>
  one.shape.join() === other.shape.join() && one.values.length === other.values.length && one.values.every((value, i) => value === other.values[i])
