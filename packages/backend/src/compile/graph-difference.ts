import type { RecordedGraph } from './recorded-graph.js'

/**
 * What the first difference between two recordings of one step is, in words; `undefined` when there is
 * none. A step whose recordings differ depends on something that is neither an input nor a variable.
 */
export function differenceOf(one: RecordedGraph, other: RecordedGraph): string | undefined {
  const at = other.nodes.findIndex((node, i) => !isSame(node, one.nodes[i]))
  if (at !== -1) {
    const node = other.nodes[at]!
    if (node.op !== 'Const' || one.nodes[at]?.op !== 'Const') {
      return `does not run the same operations each time (${one.nodes[at]?.op ?? 'nothing'}, then ${node.op})`
    }
    const user = other.nodes.find(({ input }) => input.includes(`${node.name}:0`))
    return `computes with a constant that varies from call to call${user ? ` (it goes into ${user.op})` : ''}`
  }
  const hasSameEnds = one.nodes.length === other.nodes.length && isSame([one.outputs, one.asides, one.updates], [other.outputs, other.asides, other.updates])
  const variables = ({ variables: all }: RecordedGraph) => all.map(({ variable, assigned }) => [variable.id, assigned])
  return hasSameEnds && isSame(variables(one), variables(other)) ? undefined : 'does not do the same each time'
}

/** Whether two parts of recordings are the same: plain data all of it. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (one instanceof Uint8Array) return other instanceof Uint8Array && Buffer.compare(one, other) === 0
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((element, i) => isSame(element, other[i]))
  }
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => key in other && isSame(one[key as never], other[key as never]))
}
