import { DataError, type Embeddings } from '@metric-learning/contracts'
import type { EvaluatedSplit } from '@metric-learning/core'
import { normalizeHostRows, type DatasetEmbedder } from '@metric-learning/inference'
import { EmbeddingStore, type StoredEmbeddings } from './embedding-store.js'
import { PrincipalComponents } from './principal-components.js'
import type { JudgedSplit, SplitPlan } from './split-plan.js'

/** What becomes of embeddings before they are compared, and where they are kept. */
export interface SplitEmbeddingsOptions {
  readonly normalize: boolean
  readonly pca: number | undefined
  /** Bytes in memory, at most. */
  readonly bytes: number
}

/** A split and what it is compared with. */
export interface ComparedSets {
  readonly query: Embeddings
  /** The same object as `query` where a split is looked up in itself. */
  readonly reference: Embeddings
  readonly refIncludesQuery: boolean
}

/** The embeddings of a plan's sets during a test, and as they were compared. */
export class SplitEmbeddings {
  readonly #store: EmbeddingStore
  readonly #embedded = new Map<string, StoredEmbeddings>()
  readonly #compared = new Map<string, StoredEmbeddings>()

  constructor(
    private readonly who: string,
    private readonly plan: SplitPlan,
    private readonly options: SplitEmbeddingsOptions,
  ) {
    this.#store = new EmbeddingStore(who, options.bytes)
  }

  /** Embeds all sets of the plan anew. */
  async embed(embedderOf: (stream: 0 | 1) => DatasetEmbedder, report: (task: string, done: number, total: number) => void): Promise<void> {
    this.clear()
    const { normalize, pca } = this.options
    for (const [name, { dataset, stream }] of this.plan.sets) {
      const embedder = embedderOf(stream)
      const stored = this.#store.create(dataset.labels.length, embedder.dim)
      for await (const { start, embeddings } of embedder.batches(dataset, undefined, report.bind(undefined, `embedding ${name}`))) {
        this.#expectFinite(name, start, embeddings, embedder.dim)
        if (normalize && pca === undefined) normalizeHostRows({ embeddings, dim: embedder.dim })
        stored.write(start, embeddings)
      }
      this.#embedded.set(name, stored)
    }
  }

  /** A split and its references as they are to be compared. */
  async compare({ name, references }: JudgedSplit): Promise<ComparedSets> {
    const { pca } = this.options
    const joined = this.#joined(references)
    const components = pca === undefined ? undefined : await PrincipalComponents.fit(joined, pca)
    const project = (embedded: Embeddings) => (components ? this.#projected(components, embedded) : embedded)
    const reference = await project(joined)
    const refIncludesQuery = references.includes(name)
    const query = refIncludesQuery ? this.#first(name, reference) : await project(this.#joined([name]))

    const keep = (set: string, part: Embeddings) => this.#compared.set(set, components ? this.#stored(part) : this.#embedded.get(set)!)
    keep(name, query)
    for (const [set, part] of this.#partsOf(reference, references)) if (!this.#compared.has(set)) keep(set, part)
    return { query, reference, refIncludesQuery }
  }

  /** All that was compared, in the order of the plan. */
  get compared(): readonly EvaluatedSplit[] {
    return [...this.plan.sets].map(([name, { dataset, given }]) => {
      const stored = this.#compared.get(name)!
      return {
        name,
        dataset,
        given,
        labels: dataset.labels,
        dim: stored.dim,
        get embeddings() {
          return stored.read()
        },
      }
    })
  }

  /** Leaves what was compared to those who have it: what is in memory goes when they let go of it. */
  release(): void {
    this.#embedded.clear()
    this.#compared.clear()
  }

  /** Lets go of all, files included. */
  clear(): void {
    this.release()
    this.#store.clear()
  }

  /** Embeddings of several sets, one after the other. */
  #joined(names: readonly string[]): Embeddings {
    const parts = names.map((name) => this.#embedded.get(name)!)
    const { dim } = parts[0]!
    if (parts.length === 1) return { embeddings: parts[0]!.read(), dim }
    const embeddings = new Float32Array(parts.reduce((rows, part) => rows + part.rows, 0) * dim)
    let row = 0
    for (const part of parts) {
      embeddings.set(part.read(), row * dim)
      row += part.rows
    }
    return { embeddings, dim }
  }

  /** The rows of a set, which come first; the same object where there are no others. */
  #first(name: string, all: Embeddings): Embeddings {
    const length = this.#embedded.get(name)!.rows * all.dim
    return length === all.embeddings.length ? all : { ...all, embeddings: all.embeddings.subarray(0, length) }
  }

  async #projected(components: PrincipalComponents, { embeddings, dim }: Embeddings): Promise<Embeddings> {
    const projected = { embeddings: new Float32Array((embeddings.length / dim) * components.dims), dim: components.dims }
    let start = 0
    for await (const block of components.project(embeddings)) {
      projected.embeddings.set(block, start)
      start += block.length
    }
    if (this.options.normalize) normalizeHostRows(projected)
    return projected
  }

  /** What was joined, set by set. */
  *#partsOf({ embeddings, dim }: Embeddings, names: readonly string[]): Generator<[name: string, part: Embeddings]> {
    let row = 0
    for (const name of names) {
      const { rows } = this.#embedded.get(name)!
      yield [name, { embeddings: embeddings.subarray(row * dim, (row + rows) * dim), dim }]
      row += rows
    }
  }

  #stored({ embeddings, dim }: Embeddings): StoredEmbeddings {
    const stored = this.#store.create(embeddings.length / dim, dim)
    stored.write(0, embeddings)
    return stored
  }

  #expectFinite(name: string, firstRow: number, embeddings: Float32Array, dim: number): void {
    const broken = embeddings.findIndex((value) => !Number.isFinite(value))
    if (broken === -1) return
    throw new DataError({
      who: this.who,
      wanted: `embeddings of split "${name}" to be finite`,
      got: `${embeddings[broken]} in row ${firstRow + Math.floor(broken / dim)}`,
      fix: 'Check the model: its training may have diverged.',
    })
  }
}
