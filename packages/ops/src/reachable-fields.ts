/** A public field that can be reached from a root: `owner[key]` is `value`. */
export interface ReachableField {
  /** Names of fields and places in lists from the root on: `objectives.triplet.distance.p`, `plugins.late.layers.0`. */
  readonly path: string
  readonly owner: object
  /** The field; a place in a list; `length` of a list, `size` of a Map or Set. */
  readonly key: string | number
  readonly value: unknown
}

/** Elements of a list, a Map or a Set that are looked at; the others are left out. */
const maxElements = 1024
/** Fields in all, so that a walk ends soon wherever it strays to. */
const maxFields = 2 ** 16

/** An object or function with this brand is not entered: it is its reference that counts. */
export const OPAQUE = Symbol.for('metric-learning.opaque')

/** Brands, and what objects have that run by themselves or are tensors: `in` asks for them without calling an accessor. */
const opaqueMarks: readonly (readonly PropertyKey[])[] = [
  [OPAQUE],
  [Symbol.for('metric-learning.scheduled')],
  ['dataId'],
  // A promise; an emitter, such as a stream, a socket, a worker or a process; something that gets messages or events.
  ['then'],
  ['on', 'emit'],
  ['addEventListener'],
  ['postMessage'],
]

/**
 * Whether {@link reachableFields} gives a value as it is, without looking inside: plain values, functions, tensors and
 * variables, scheduled numbers, typed arrays, promises, streams, workers, modules of code, and whatever has the
 * brand {@link OPAQUE}.
 */
export function isOpaque(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return true
  if (Object.prototype.toString.call(value) === '[object Module]') return true
  return opaqueMarks.some((marks) => marks.every((mark) => mark in value))
}

/**
 * The public fields that can be reached from some objects, in order of distance: own enumerable ones, elements of lists,
 * fields of what Maps and Sets hold, each object once. Accessors are never called, and private fields not seen.
 *
 * Of a list, a Map or a Set the first 1024 elements are looked at; after 65536 fields the walk ends.
 *
 * @param roots objects by the names with which paths begin
 * @example for (const { path, value } of reachableFields({ losses: { triplet } })) console.log(path, value)
 */
export function* reachableFields(roots: Readonly<Record<string, object>>): Generator<ReachableField, void, undefined> {
  const queue: [path: string, object: object][] = [['', roots]]
  const seen = new Set<object>([roots])
  let count = 0
  for (let at = 0; at < queue.length; at++) {
    const [path, owner] = queue[at]!
    const pathOf = (key: string | number) => (path === '' ? String(key) : `${path}.${key}`)
    const enter = (key: string | number, value: unknown) => {
      if (isOpaque(value) || seen.has(value as object)) return
      seen.add(value as object)
      queue.push([pathOf(key), value as object])
    }
    for (const [key, value] of fieldsOf(owner)) {
      count += 1
      if (count > maxFields) return
      enter(key, value)
      yield { path: pathOf(key), owner, key, value }
    }
    for (const [key, value] of contentsOf(owner)) enter(key, value)
  }
}

function* fieldsOf(owner: object): Generator<[string | number, unknown]> {
  if (Array.isArray(owner)) {
    yield ['length', owner.length]
    for (let i = 0; i < Math.min(owner.length, maxElements); i++) yield [i, (owner as unknown[])[i]]
    return
  }
  if (owner instanceof Map || owner instanceof Set) yield ['size', owner.size]
  for (const key of Object.keys(owner)) {
    const property = Object.getOwnPropertyDescriptor(owner, key)
    if (property && 'value' in property) yield [key, property.value]
  }
}

/** What a Map or a Set holds, by key or place. */
function* contentsOf(owner: object): Generator<[string | number, unknown]> {
  if (!(owner instanceof Map || owner instanceof Set)) return
  let place = 0
  for (const [key, value] of owner.entries() as Iterable<[unknown, unknown]>) {
    if (place >= maxElements) return
    yield [owner instanceof Map && typeof key === 'string' ? key : place, value]
    place += 1
  }
}
