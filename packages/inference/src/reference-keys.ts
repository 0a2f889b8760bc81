import { DataError, describeValue, OptionError, ShapeError } from '@metric-learning/contracts'

/** What a reference is known by: a text or a whole number. Of one model all are the one or the other. */
export type ReferenceKey = string | number

const WHO = 'InferenceModel'

/**
 * Which keys stand for which ids of an index: numbers in the order in which references were added, or the user's own.
 */
export class ReferenceKeys {
  readonly #idOf: Map<ReferenceKey, number> | undefined
  readonly #keyOf = new Map<number, ReferenceKey>()

  /** @param first the id that is number 0, where keys are numbers; absent where they are the user's own */
  private constructor(readonly first?: number) {
    if (first === undefined) this.#idOf = new Map()
  }

  /** Numbers from 0, the first being that of an id. */
  static numbered(first: number): ReferenceKeys {
    return new ReferenceKeys(first)
  }

  static named(ids: Int32Array, keys: readonly ReferenceKey[]): ReferenceKeys {
    const named = new ReferenceKeys()
    named.add(ids, keys)
    return named
  }

  /** Whether they are the user's own. */
  get areNamed(): boolean {
    return this.#idOf !== undefined
  }

  keyOf(id: number): ReferenceKey {
    return this.first === undefined ? this.#keyOf.get(id)! : id - this.first
  }

  /**
   * Ids of some keys, among those that there are.
   *
   * @throws {OptionError} when they are no list.
   * @throws {DataError} when there is none of a key, or one is named twice.
   */
  idsOf(keys: readonly ReferenceKey[], present: Int32Array): number[] {
    expectList(keys)
    const there = new Set(present)
    return keys.map((key) => {
      const id = this.first === undefined ? this.#idOf!.get(key) : Number.isSafeInteger(key) ? (key as number) + this.first : undefined
      if (id !== undefined && there.delete(id)) return id
      const isTwice = id !== undefined && present.includes(id)
      throw new DataError({ who: WHO, wanted: 'keys of references, each once', got: `${describeValue(key)}${isTwice ? ' twice' : ', which is none'}`, fix: 'Name references by the keys that they were added with.' })
    })
  }

  /**
   * @throws {OptionError} when they are of another kind than those that are there.
   * @throws {DataError} when there is one of a key already; nothing is added then.
   */
  expectNew(keys: readonly ReferenceKey[]): void {
    const [own] = this.#keyOf.values()
    if (own !== undefined && keys.length > 0) expectOneKind([own, keys[0]!])
    const taken = keys.find((key) => this.#idOf?.has(key))
    if (taken !== undefined) throw twice(taken)
  }

  add(ids: Int32Array, keys: readonly ReferenceKey[]): void {
    ids.forEach((id, i) => {
      this.#idOf!.set(keys[i]!, id)
      this.#keyOf.set(id, keys[i]!)
    })
  }

  remove(ids: readonly number[]): void {
    for (const id of ids) {
      const key = this.#keyOf.get(id)
      if (key !== undefined) this.#idOf!.delete(key)
      this.#keyOf.delete(id)
    }
  }
}

/**
 * Checks keys of a user.
 *
 * @throws {OptionError} when one is neither a text nor a whole number, or some are texts and others numbers.
 * @throws {ShapeError} when there are not `count` of them.
 * @throws {DataError} when one is there twice.
 */
export function expectKeys(keys: readonly ReferenceKey[], count: number): void {
  expectList(keys)
  if (keys.length !== count) throw new ShapeError({ who: WHO, wanted: `one of \`keys\` for each of the ${count} references`, got: String(keys.length), fix: 'Pass as many keys as samples.' })
  const odd = keys.find((key) => typeof key !== 'string' && !Number.isSafeInteger(key))
  if (odd !== undefined || keys.includes(undefined as never)) throw new OptionError({ who: WHO, wanted: '`keys` to be texts or whole numbers', got: describeValue(odd), fix: 'Pass names, or numbers that JSON can hold.' })
  expectOneKind(keys)
  const seen = new Set<ReferenceKey>()
  for (const key of keys as readonly ReferenceKey[]) {
    if (seen.has(key)) throw twice(key)
    seen.add(key)
  }
}

function expectList(keys: unknown): void {
  if (Array.isArray(keys)) return
  throw new OptionError({ who: WHO, wanted: '`keys` to be a list', got: describeValue(keys), fix: "Pass one such as ['a', 'b']." })
}

/** 17 and "17" look alike, where a service reads keys from an address. */
function expectOneKind(keys: readonly ReferenceKey[]): void {
  const odd = keys.find((key) => typeof key !== typeof keys[0])
  if (odd === undefined) return
  throw new OptionError({ who: WHO, wanted: '`keys` of one kind, texts or numbers', got: `${describeValue(keys[0])} and ${describeValue(odd)}`, fix: 'Make them all texts: `keys.map(String)`.' })
}

const twice = (key: ReferenceKey): DataError =>
  new DataError({ who: WHO, wanted: 'a key of its own for each reference', got: `${describeValue(key)} twice`, fix: 'Remove the one that is there first, or take another key.' })
