import { isTensor } from './is-tensor.js'

/** What a value is, for the `got` of errors: short, whatever it is. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `${value.name || 'a function'}, which is no object`
  if (typeof value !== 'object') return String(value)
  if (isTensor(value)) return 'a tensor'
  const { name } = value.constructor ?? {}
  return name && name !== 'Object' ? `an object of type ${name}` : 'an object'
}
