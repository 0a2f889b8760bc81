import type { RecordedGraph } from '../recorded-graph.js'

/**
 * The graph with those of its updates that stand for all that happens to their variables: they take the place of the
 * assignments. An update goes when the step assigns something else in the end.
 */
export function updateInPlace(graph: RecordedGraph): RecordedGraph {
  const assigned = new Map(graph.variables.map((variable) => [variable.handle, variable.assigned]))
  const isWhole = (handle: string, next: string) => assigned.get(handle) === next
  return { ...graph, updates: graph.updates.filter(({ handles, next }) => handles.every((handle, i) => isWhole(handle, next[i]!))) }
}
