import { isDeepStrictEqual } from 'node:util'
import type { RecordedGraph } from './recorded-graph.js'

/**
 * What the first difference between two recordings of one step is, in words; `undefined` when there is
 * none. A step whose recordings differ depends on something that is neither an input nor a variable.
 */
export function differenceOf(one: RecordedGraph, other: RecordedGraph): string | undefined {
  const at = other.nodes.findIndex((node, i) => !isDeepStrictEqual(node, one.nodes[i]))
  if (at !== -1) {
    const node = other.nodes[at]!
    if (node.op !== 'Const' || one.nodes[at]?.op !== 'Const') {
      return `does not run the same operations each time (${one.nodes[at]?.op ?? 'nothing'}, then ${node.op})`
    }
    const user = other.nodes.find(({ input }) => input.includes(`${node.name}:0`))
    return `computes with a constant that varies from call to call${user ? ` (it goes into ${user.op})` : ''}`
  }
  const same = one.nodes.length === other.nodes.length && isDeepStrictEqual(one.outputs, other.outputs)
  const variables = ({ variables: all }: RecordedGraph) => all.map(({ variable, assigned }) => [variable.id, assigned])
  return same && isDeepStrictEqual(variables(one), variables(other)) ? undefined : 'does not do the same each time'
}
