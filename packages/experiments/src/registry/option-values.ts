import { isRange } from '../configuration/schema.js'

/**
 * Whether a value is of the kind that an option takes, as far as its type says so in plain words: numbers, texts, flags, some texts or numbers, lists of
 * numbers. `no` is a text in YAML, and would count as true. Of a range all that a search may draw has to be.
 */
export const fits = (type: string, value: unknown): boolean => value !== null && (isRange(value) ? drawnOf(value).every((one) => fits(type, one)) : type.split(' | ').some((one) => isOf(one, value)))

/** All values of a choice, and one of those between two numbers. What is no list is refused where ranges are read. */
function drawnOf(range: Readonly<Record<string, readonly unknown[]>>): readonly unknown[] {
  const [[kind, values]] = Object.entries(range) as [[string, unknown]]
  return kind !== 'choice' ? [Math.SQRT1_2] : Array.isArray(values) ? values : []
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'number' || type === 'Schedulable') return typeof value === 'number'
  if (type === 'boolean' || type === 'string') return typeof value === type
  if (type === 'readonly number[]') return Array.isArray(value) && value.every((one) => typeof one === 'number')
  if (type === 'readonly string[]') return Array.isArray(value) && value.every((one) => typeof one === 'string')
  const [, text, number] = /^(?:'(.*)'|(\d+))$/.exec(type) ?? []
  if (text !== undefined) return value === text
  return number === undefined || value === Number(number)
}

const WORDS: Readonly<Record<string, string>> = { Schedulable: 'a number', number: 'a number', boolean: 'true or false', string: 'a text', 'readonly number[]': 'a list of numbers', 'readonly string[]': 'a list of texts' }

/** A type for a message: `a number or 'all'`. */
export const wordsOf = (type: string): string => type.split(' | ').map((one) => WORDS[one] ?? one).join(' or ')
