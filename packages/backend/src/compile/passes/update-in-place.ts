import type { RecordedGraph, RecordedUpdate } from '../recorded-graph.js'

/**
 * The graph with those of its updates that stand for all that happens to their variables: they take the place of the
 * assignments. An update goes when the step assigns something else in the end, to its variables or to the one that it reads.
 */
export function updateInPlace(graph: RecordedGraph): RecordedGraph {
  const assigned = new Map(graph.variables.map((variable) => [variable.handle, variable.assigned]))
  const isWhole = (handle: string, next: string) => assigned.get(handle) === next
  /** Whether a variable is left with a value: the last that it is assigned, or the one that it has when nobody assigns it. */
  const isLeftWith = ({ handle, value }: NonNullable<RecordedUpdate['after']>) => (assigned.get(handle) ?? `${handle}/read:0`) === value
  return { ...graph, updates: graph.updates.filter(({ handles, next, after }) => handles.every((handle, i) => isWhole(handle, next[i]!)) && (!after || isLeftWith(after))) }
}
