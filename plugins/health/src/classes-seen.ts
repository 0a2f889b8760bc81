import { rowsByLabel, type Dataset, type Plain } from '@metric-learning/contracts'

/** A class that had to be expected so many times, and was never there, is not drawn at all: by chance that is one in 160,000. */
const EXPECTED = 12

/** Classes that are named one by one. */
const NAMED = 5

/** Which classes of a data set batches have had. */
export class ClassesSeen {
  readonly #dataset: Dataset
  readonly #sizes: ReadonlyMap<number, number>
  /** Labels that no batch had yet. */
  #unseen: Set<number>
  #batches = 0
  #samples = 0
  /** Classes in a batch, over all batches. */
  #classes = 0

  constructor(dataset: Dataset) {
    this.#dataset = dataset
    this.#sizes = new Map([...rowsByLabel(dataset.labels)].map(([label, rows]) => [label, rows.length]))
    this.#unseen = new Set(this.#sizes.keys())
  }

  /** Counts a batch. */
  count(rows: Int32Array): void {
    if (this.#unseen.size === 0) return
    const labels = new Set<number>()
    for (const row of rows) labels.add(this.#dataset.labels[row]!)
    for (const label of labels) this.#unseen.delete(label)
    this.#batches += 1
    this.#samples += rows.length
    this.#classes += labels.size
  }

  /**
   * Says which classes are never sampled, where that is no chance: had classes been drawn alike, or samples been drawn alike, each of
   * them would have been there {@link EXPECTED} times by now.
   */
  warning(): string | undefined {
    const byClass = this.#classes / this.#sizes.size
    const total = this.#dataset.labels.length
    const missing = [...this.#unseen].filter((label) => Math.min(byClass, (this.#samples * this.#sizes.get(label)!) / total) >= EXPECTED)
    if (missing.length === 0) return undefined
    const { classNames } = this.#dataset
    const names = missing.slice(0, NAMED).map((label) => classNames[label] ?? String(label))
    const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : ''
    return (
      `${missing.length} of ${this.#sizes.size} classes were never sampled in ${this.#batches} batches: ${names.join(', ')}${more}. Nothing is learned of them: ` +
      'make the sampler from all labels (`labels: dataset.labels`), or leave these classes out of the data set.'
    )
  }

  state(): Plain {
    return { unseen: [...this.#unseen], batches: this.#batches, samples: this.#samples, classes: this.#classes }
  }

  restore(state: Plain): void {
    const { unseen, batches, samples, classes } = state as { readonly unseen: readonly number[]; readonly batches: number; readonly samples: number; readonly classes: number }
    this.#unseen = new Set(unseen)
    this.#batches = batches
    this.#samples = samples
    this.#classes = classes
  }
}
