import { readFileSync } from 'node:fs'
import type { AttributeMessage } from './graph-messages.js'

/** For each operation a rule for each input: `T` one tensor, `N*T` so many of one type, `*T` a list of types. */
const rules = JSON.parse(readFileSync(new URL('../../data/op-definitions.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, string>
>

/**
 * The attributes that follow from the types and the number of inputs. Eager execution works them out
 * by itself, and tfjs leaves some of them away; a graph needs them all.
 *
 * @param types TensorFlow's number of each input's type
 */
export function inferredAttributes(operation: string, types: readonly number[]): Readonly<Record<string, AttributeMessage>> {
  const inputs = rules[operation]?.split(',') ?? []
  const variadic = types.length - inputs.length + 1
  const attributes: Record<string, AttributeMessage> = {}
  let at = 0
  for (const rule of inputs) {
    const [count, type] = rule.includes('*') ? (rule.split('*') as [string, string]) : [undefined, rule]
    if (count === undefined) {
      if (type) attributes[type] = { type: types[at]! }
      at += 1
    } else {
      // One such input an operation has; it takes what the others leave.
      const members = types.slice(at, at + variadic)
      if (count === '') attributes[type!] = { list: { type: members } }
      else {
        attributes[count] = { i: variadic }
        if (type) attributes[type] = { type: members[0]! }
      }
      at += variadic
    }
  }
  return attributes
}
