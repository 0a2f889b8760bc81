import { OptionError } from '@metric-learning/core'

/** @throws {OptionError} when `value` is none of `allowed`. */
export function expectOneOf(who: string, option: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return
  const wanted = allowed.map((name) => `'${name}'`).join(' or ')
  throw new OptionError({ who, wanted: `\`${option}\` ${wanted}`, got: String(value), fix: 'Pass one of them.' })
}
