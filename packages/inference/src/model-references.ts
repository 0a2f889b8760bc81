import { readFile, writeFile } from 'node:fs/promises'
import { OptionError, StateError, type Embeddings, type NeighbourIndex } from '@metric-learning/contracts'
import type { Neighbour } from './inference-model-options.js'
import { ReferenceKeys, type ReferenceKey } from './reference-keys.js'
import { RequestBatcher } from './request-batcher.js'
import { damaged, type PartWriter } from './saved/model-folder.js'

interface SearchRequest extends Embeddings {
  readonly k: number | 'all'
}

const WHO = 'InferenceModel'
/** Queries that are searched for at once, of requests that wait together. */
const MOST_QUERIES = 1024

/** The references of a model: an index, and the keys that a user knows them by. What changes them, and searches, is done one after the other. */
export class ModelReferences {
  readonly #index: NeighbourIndex
  readonly #dim: number
  readonly #searching: RequestBatcher<SearchRequest, Neighbour[][]>
  #keys = ReferenceKeys.numbered(0)
  /** The end of what is done to the index. */
  #turn: Promise<unknown> = Promise.resolve()

  /** @throws {OptionError} when the index holds embeddings of another width. */
  constructor(index: NeighbourIndex, dim: number) {
    this.#index = index
    this.#dim = dim
    this.#searching = new RequestBatcher({
      answer: (requests) => this.#inTurn(() => this.#searchTogether(requests)),
      goTogether: (one, other) => one.k === other.k,
      sizeOf: ({ embeddings }) => embeddings.length / dim,
      limit: MOST_QUERIES,
    })
    if (index.dim === undefined || index.dim === dim) return
    throw new OptionError({ who: WHO, wanted: `an \`index\` of embeddings of ${dim} numbers, as the networks give them`, got: `one of ${index.dim}`, fix: 'Fill it with this model.' })
  }

  get size(): number {
    return this.#index.size
  }

  /** In the order in which they were added. */
  get keys(): ReferenceKey[] {
    return Array.from(this.#index.ids, (id) => this.#keys.keyOf(id))
  }

  /** Puts references in place of those that are there. If it fails, these stay. */
  replace(embeddings: Embeddings, keys: readonly ReferenceKey[] | undefined): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#index.ids
      const ids = await this.#index.add(embeddings)
      try {
        if (before.length > 0) await this.#index.remove(before)
      } catch (error) {
        await this.#index.remove(ids)
        throw error
      }
      this.#keys = keysOf(ids, keys)
    })
  }

  /**
   * @returns keys of what was added
   * @throws as `add` of the model for keys; nothing is added then.
   */
  add(embeddings: Embeddings, keys: readonly ReferenceKey[] | undefined): Promise<ReferenceKey[]> {
    return this.#inTurn(async () => {
      if (this.size > 0) this.#expectAlike(keys, embeddings.embeddings.length / embeddings.dim)
      if (keys !== undefined) this.#keys.expectNew(keys)
      const isFirst = this.size === 0 && this.#keys.areNamed !== (keys !== undefined)
      const ids = await this.#index.add(embeddings)
      if (isFirst) this.#keys = keysOf(ids, keys)
      else if (keys) this.#keys.add(ids, keys)
      return Array.from(ids, (id) => this.#keys.keyOf(id))
    })
  }

  /** @throws as `remove` of the model; nothing is removed then. */
  remove(keys: readonly ReferenceKey[]): Promise<void> {
    return this.#inTurn(async () => {
      const ids = this.#keys.idsOf(keys, this.#index.ids)
      await this.#index.remove(ids)
      this.#keys.remove(ids)
    })
  }

  /** Those nearest to each of some embeddings. Requests that wait together are searched for at once, and each gets its own answer. */
  search(embeddings: Embeddings, k: number | 'all'): Promise<Neighbour[][]> {
    return this.#searching.ask({ ...embeddings, k })
  }

  /** @throws {StateError} when there are none. */
  expectSome(): void {
    if (this.size > 0) return
    throw new StateError({ who: WHO, wanted: 'references', got: 'none', fix: 'Call `fit` or `add` first.' })
  }

  /** Saves them as they are in a turn: `save` is given the files that hold them, and the id that is number 0, null where keys are the user's own. */
  save(save: (parts: readonly PartWriter[], first: number | null) => Promise<void>): Promise<void> {
    return this.#inTurn(() => {
      const { keys } = this
      const parts: PartWriter[] = []
      if (this.size > 0) parts.push(['index.bin', (path) => this.#index.save(path)])
      if (this.#keys.areNamed) parts.push(['keys.json', (path) => writeFile(path, JSON.stringify(keys))])
      return save(parts, this.#keys.first ?? null)
    })
  }

  /**
   * Loads what {@link save} wrote.
   *
   * @throws {DataError} when a file is damaged. @throws {StateError} when they are of another width, or the index of another kind.
   */
  async load({ index, keys }: Readonly<Record<string, string>>, first: number | null): Promise<void> {
    if (index !== undefined) {
      await this.#index.load(index)
      const { dim } = this.#index
      if (dim !== this.#dim) throw new StateError({ who: `${WHO}.load`, wanted: `networks that give ${dim} numbers, as the references in ${index} have`, got: `some that give ${this.#dim}`, fix: 'Make the networks as they were when the model was saved.' })
    } else if (this.size > 0) await this.#index.remove(this.#index.ids)
    if (keys === undefined) {
      this.#keys = ReferenceKeys.numbered(first ?? 0)
      return
    }
    const { ids } = this.#index
    const named = JSON.parse(await readFile(keys, 'utf8')) as ReferenceKey[]
    if (named.length !== ids.length) throw damaged(keys, `${named.length} keys for ${ids.length} references`)
    this.#keys = ReferenceKeys.named(ids, named)
  }

  /** Frees what the index has on the device. */
  dispose(): void {
    this.#index.dispose()
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #searchTogether(requests: readonly SearchRequest[]): Promise<Neighbour[][][]> {
    this.expectSome()
    const dim = this.#dim
    const embeddings = new Float32Array(requests.reduce((size, request) => size + request.embeddings.length, 0))
    requests.reduce((at, request) => (embeddings.set(request.embeddings, at), at + request.embeddings.length), 0)
    const found: Neighbour[][] = []
    for await (const { rowCount, k, ids, distances } of this.#index.search({ query: { embeddings, dim }, k: requests[0]!.k })) {
      for (let row = 0; row < rowCount; row++) {
        found.push(Array.from({ length: k }, (_, i) => ({ key: this.#keys.keyOf(ids[row * k + i]!), distance: distances[row * k + i]! })))
      }
    }
    let end = 0
    return requests.map((request) => found.slice(end, (end += request.embeddings.length / dim)))
  }

  #expectAlike(keys: readonly ReferenceKey[] | undefined, count: number): void {
    const { size } = this
    const { areNamed } = this.#keys
    if (areNamed === (keys !== undefined)) return
    const wanted = areNamed ? `one of \`keys\` for each reference, as the ${size} that are there have` : `references without \`keys\`, as the ${size} that are there`
    throw new OptionError({ who: WHO, wanted, got: `${count} ${areNamed ? 'without' : 'with them'}`, fix: 'Give keys to all references, or to none.' })
  }
}

const keysOf = (ids: Int32Array, keys: readonly ReferenceKey[] | undefined): ReferenceKeys => (keys ? ReferenceKeys.named(ids, keys) : ReferenceKeys.numbered(ids[0]!))
