import type { Plain } from '@metric-learning/contracts'

const NUMBER = '$number'
/** Numbers that JSON has no words for. */
const NAMED: ReadonlyMap<string, number> = new Map([['NaN', NaN], ['Infinity', Infinity], ['-Infinity', -Infinity], ['-0', -0]])

/**
 * JSON that brings plain data back as they were, numbers bit for bit: NaN, infinities and -0 are `{ "$number": "NaN" }`; a
 * key of the data that begins with $ gets another one.
 *
 * @throws {TypeError} when something is no plain data; says what and where.
 */
export function encodePlain(data: Plain): string {
  return JSON.stringify(encoded(data, 'values'), null, 1)
}

/** @throws {SyntaxError} when the text is no JSON. */
export function decodePlain(text: string): Plain {
  return decoded(JSON.parse(text) as Plain)
}

function encoded(data: unknown, place: string): Plain {
  if (data === null || typeof data === 'boolean' || typeof data === 'string') return data
  if (typeof data === 'number') {
    if (Number.isFinite(data) && !Object.is(data, -0)) return data
    return { [NUMBER]: Object.is(data, -0) ? '-0' : String(data) }
  }
  // Array.from, for holes are undefined there.
  if (Array.isArray(data)) return Array.from(data, (item, i) => encoded(item, `${place}[${i}]`))
  if (!isPlainObject(data)) throw new TypeError(`${describe(data)} at ${place}, which is no plain data`)
  const escaped = (key: string) => (key.startsWith('$') ? `$${key}` : key)
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [escaped(key), encoded(value, `${place}.${key}`)]))
}

function decoded(data: Plain): Plain {
  if (typeof data !== 'object' || data === null) return data
  if (Array.isArray(data)) return (data as readonly Plain[]).map(decoded)
  const entries = Object.entries(data)
  if (entries.length === 1 && entries[0]![0] === NUMBER) return NAMED.get(entries[0]![1] as string) ?? NaN
  return Object.fromEntries(entries.map(([key, value]) => [key.startsWith('$') ? key.slice(1) : key, decoded(value)]))
}

function isPlainObject(data: unknown): data is Record<string, unknown> {
  if (typeof data !== 'object' || data === null) return false
  const prototype: unknown = Object.getPrototypeOf(data)
  // Also those of another realm, whose Object is not ours.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const describe = (data: unknown): string =>
  typeof data === 'object' ? `a ${data?.constructor?.name ?? 'object'}` : data === undefined ? 'undefined' : `a ${typeof data}`
