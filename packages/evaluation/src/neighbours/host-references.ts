import { DataError, describeValue, expectFunction, expectKnownOptions, isTensor, OptionError, ShapeError, StateError, type QueryRequest } from '@metric-learning/contracts'
import type { HostMatrix } from '../embeddings/embedding-matrix.js'
import { matrixAt } from '../embeddings/matrix-at.js'
import { readMask } from './reference-mask.js'

/** What a search asks: other embeddings, or references themselves. */
export interface AskedQueries {
  readonly queries: HostMatrix
  /** The row of the reference that each query is; `undefined` where queries are none. */
  readonly itself: Int32Array | undefined
  /** References that a query can find. */
  readonly available: number
}

/**
 * The references of an index, on the host, in the order in which they were added. They never change: what is added or removed makes
 * others, and a search goes on with those that it began with.
 */
export class HostReferences {
  /** float32 [ids, dim] in pieces of whole rows, as they were added. */
  #pieces: readonly Float32Array[]

  private constructor(
    private readonly who: string,
    /** Ascending. */
    readonly ids: Int32Array,
    readonly dim: number | undefined,
    pieces: readonly Float32Array[],
  ) {
    this.#pieces = pieces
  }

  /** @param who the index, for errors */
  static none(who: string): HostReferences {
    return new HostReferences(who, new Int32Array(), undefined, [])
  }

  get size(): number {
    return this.ids.length
  }

  /** All in one piece; not to be written to. */
  get matrix(): HostMatrix {
    const values = joined(Float32Array, this.#pieces)
    if (this.#pieces.length > 1) this.#pieces = [values]
    return { values, rows: this.size, dim: this.dim ?? 0 }
  }

  /**
   * @param more what `add` was given beside embeddings
   * @throws {OptionError} when that is anything: an index knows neither labels nor keys, and would seem to.
   */
  expectEmbeddingsAlone(more: readonly unknown[]): void {
    if (more.length === 0) return
    throw new OptionError({ who: `${this.who}.add`, wanted: 'embeddings alone', got: `${describeValue(more[0])} besides`, fix: 'Keep labels and keys beside the index, by the ids that `add` gives; `InferenceModel` of @metric-learning/inference does so.' })
  }

  /**
   * These, and others after them. Their values are kept as they are, not copied.
   *
   * @param ids above those that there are, ascending
   * @throws {ShapeError} when they are of another width.
   */
  with(ids: Int32Array, added: HostMatrix): HostReferences {
    this.#expectWidth('embeddings', added)
    return new HostReferences(this.who, joined(Int32Array, [this.ids, ids]), added.dim, [...this.#pieces, added.values])
  }

  /**
   * These but for some.
   *
   * @throws {DataError} when there is none of an id, or it is named twice.
   */
  without(ids: ArrayLike<number>): HostReferences {
    const leaves = new Uint8Array(this.size)
    for (const row of this.#rowsOf(ids)) {
      if (leaves[row]) throw this.#noSuch(`id ${this.ids[row]} twice`)
      leaves[row] = 1
    }
    const kept = Int32Array.from(this.ids.keys()).filter((row) => !leaves[row])
    if (kept.length === 0) return HostReferences.none(this.who)
    const { values, dim } = matrixAt(this.matrix, kept)
    return new HostReferences(this.who, kept.map((row) => this.ids[row]!), dim, [values])
  }

  /** The row of an id; -1 for none. */
  rowOf(id: number): number {
    let [low, high] = [0, this.size]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.ids[middle]! < id) low = middle + 1
      else high = middle
    }
    return this.ids[low] === id ? low : -1
  }

  /**
   * Queries of a request, as `QueryRequest` of contracts says them.
   *
   * @param query other embeddings; with `ids` those of the references of these ids, which they then are. Default: the references
   * @throws {StateError} when there are no references.
   * @throws {DataError} when there is none of an id.
   * @throws {ShapeError} when queries are of another width, or not as many as `ids`.
   */
  asked(query: HostMatrix | undefined, ids: ArrayLike<number> | undefined): AskedQueries {
    this.expectSome()
    const itself = ids !== undefined ? this.#rowsOf(ids) : query ? undefined : Int32Array.from(this.ids.keys())
    if (query) this.#expectWidth('query', query)
    const isAll = itself?.length === this.size && itself.every((row, i) => row === i)
    const queries = query ?? (itself && !isAll ? matrixAt(this.matrix, itself) : this.matrix)
    if (itself && itself.length !== queries.rows) {
      throw new ShapeError({ who: this.who, wanted: `one of \`ids\` for each of the ${queries.rows} queries`, got: String(itself.length), fix: 'Name the reference that each query is.' })
    }
    return { queries, itself, available: this.size - (itself ? 1 : 0) }
  }

  /**
   * @param method that is called
   * @param options that it knows
   * @throws {OptionError} when that is no request, as a query by itself is none, or has an unknown option.
   */
  expectRequest(method: 'search' | 'rank', request: object, options: readonly string[]): void {
    const who = `${this.who}.${method}`
    if (isTensor(request) || Array.isArray(request) || (request as { readonly embeddings?: unknown } | null)?.embeddings !== undefined) {
      throw new OptionError({ who, wanted: 'one object with all that is asked, such as `{ query, k: 10 }`', got: 'the query by itself', fix: `Call \`${method}({ query, … })\`.` })
    }
    expectKnownOptions(who, request, options)
  }

  /** @throws {OptionError} when what is to be called is no function. */
  expectCallable(request: Pick<QueryRequest, 'exclude' | 'onProgress'>): void {
    if (request.exclude !== undefined) expectFunction(this.who, 'exclude', request.exclude, '(row) => maskOfReferences[row]')
    if (request.onProgress !== undefined) expectFunction(this.who, 'onProgress', request.onProgress, '(done, total) => console.log(done / total)')
  }

  /** @throws {StateError} when there are none. */
  expectSome(): void {
    if (this.size > 0) return
    throw new StateError({ who: this.who, wanted: 'references', got: 'none', fix: 'Call `add` first.' })
  }

  /**
   * What `exclude` of a request says of a query.
   *
   * @throws {ShapeError} when a mask has not one value for each.
   * @throws {DataError} when a value is none of 0, 1, true and false.
   */
  excluded(exclude: QueryRequest['exclude'], query: number): Uint8Array | undefined {
    return readMask(exclude?.(query), this.size, { who: this.who, option: 'exclude', query })
  }

  #rowsOf(ids: ArrayLike<number>): Int32Array {
    if (!Array.isArray(ids) && !ArrayBuffer.isView(ids)) {
      throw new ShapeError({ who: this.who, wanted: 'a list of ids', got: describeValue(ids), fix: 'Pass one, such as those that `add` gave, or `[id]`.' })
    }
    return Int32Array.from(ids, (id) => {
      const row = this.rowOf(id)
      if (row === -1) throw this.#noSuch(`id ${describeValue(id)}`)
      return row
    })
  }

  #expectWidth(what: string, { rows, dim }: HostMatrix): void {
    if (this.dim === undefined || dim === this.dim) return
    throw new ShapeError({
      who: this.who,
      wanted: `\`${what}\` of shape [rows, ${this.dim}], as wide as the references`,
      got: `[${rows}, ${dim}]`,
      fix: 'Embed both with the same model.',
    })
  }

  #noSuch(got: string): DataError {
    return new DataError({ who: this.who, wanted: `ids of the ${this.size} references, each once where they are removed`, got, fix: 'Pass ids that `add` gave.' })
  }
}

/** One after the other; one alone is not copied. */
export function joined<T extends Float32Array | Int32Array>(kind: new (length: number) => T, parts: readonly T[]): T {
  if (parts.length === 1) return parts[0]!
  const whole = new kind(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
