import { describeValue, OptionError, Random } from '@metric-learning/contracts'
import { isRange } from '../configuration/schema.js'

/** A number or a choice that a search looks for, and where it stands. */
export interface FoundRange {
  readonly path: readonly string[]
  readonly draw: (random: Random) => string | number | boolean
}

/**
 * The ranges in a method, in the order in which they stand there.
 *
 * @throws {OptionError} when one is malformed.
 */
export function rangesOf(value: unknown, who: string, place: string, path: readonly string[] = []): readonly FoundRange[] {
  if (isRange(value)) return [{ path, draw: drawing(value, who, [place, ...path].filter((step) => step !== '').join('.')) }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => rangesOf(inner, who, place, [...path, key]))
}

function drawing(range: Readonly<Record<string, readonly (string | number | boolean)[]>>, who: string, place: string): FoundRange['draw'] {
  const [[kind, values]] = Object.entries(range) as [[string, readonly (string | number | boolean)[]]]
  const refuse = (wanted: string): never => {
    throw new OptionError({ who, wanted: `${wanted} at \`${place}\``, got: `{ ${kind}: ${Array.isArray(values) ? JSON.stringify(values) : describeValue(values)} }`, fix: 'Correct the range.' })
  }
  if (kind === 'choice') {
    if (!Array.isArray(values) || values.length === 0) refuse('a list of one value or more')
    return (random) => values[random.int(values.length)]!
  }
  if (!Array.isArray(values) || values.length !== 2 || !values.every((end) => Number.isFinite(end)) || values[0]! >= values[1]!) refuse('two numbers, the smaller one first,')
  const [low, high] = values as unknown as [number, number]
  if (kind === 'integer') {
    if (!Number.isInteger(low) || !Number.isInteger(high)) refuse('two integers')
    return (random) => low + random.int(high - low + 1)
  }
  if (kind === 'uniform') return (random) => low + random.uniform() * (high - low)
  if (low <= 0) refuse('two numbers above 0')
  return (random) => Math.exp(Math.log(low) + random.uniform() * Math.log(high / low))
}

/** The same with a value in place of each range. What trial `trial` of a method draws follows from seed, method and trial alone. */
export function drawn<T>(method: T, { seed, name, trial }: { readonly seed: number; readonly name: string; readonly trial: number }): { readonly method: T; readonly values: Readonly<Record<string, string | number | boolean>> } {
  const random = Random.at(seed, `search of ${name}`, trial)
  const values: Record<string, string | number | boolean> = {}
  const copy = structuredClone(method)
  for (const { path, draw } of rangesOf(method, 'search', name)) {
    const value = draw(random)
    values[path.join('.')] = value
    const owner = path.slice(0, -1).reduce<unknown>((inner, step) => (inner as Record<string, unknown>)[step], copy) as Record<string, unknown>
    owner[path.at(-1)!] = value
  }
  return { method: copy, values }
}
