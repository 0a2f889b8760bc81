import { producer } from '../producer.js'
import { neededSources, sortedOutputs, type RecordedGraph } from '../recorded-graph.js'
import { names } from '../session-graph.js'

/**
 * The graph without what no output and no assignment needs, and without variables that nobody reads any more.
 * Checks stay, and so do inputs, needed or not: whoever runs the graph feeds them all.
 */
export function removeDeadNodes(graph: RecordedGraph): RecordedGraph {
  const { nodes, variables, inputs } = graph
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const changed = variables.filter(({ assigned }) => assigned !== undefined).flatMap((variable) => [variable.handle, names.read(variable)])
  const alive = new Set<string>()
  const waiting = [...inputs, ...neededSources(graph), ...sortedOutputs(graph).asides, ...changed].map(producer)
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (alive.has(name)) continue
    alive.add(name)
    waiting.push(...byName.get(name)!.input.map(producer))
  }
  return {
    ...graph,
    nodes: nodes.filter(({ name }) => alive.has(name)),
    variables: variables.filter(({ handle }) => alive.has(handle)),
  }
}
