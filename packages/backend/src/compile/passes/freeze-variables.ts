import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { constantNode } from '../constant-node.js'
import type { RecordedGraph } from '../recorded-graph.js'
import { names } from '../session-graph.js'
import { tensorValue } from '../tensor-value.js'

/** The graph with the present values of its variables as constants: what is left when training is over. Assignments go. */
export function freezeVariables(backend: NodeJSKernelBackend, graph: RecordedGraph): RecordedGraph {
  const byRead = new Map(graph.variables.map((recorded) => [names.read(recorded), recorded.variable]))
  const handles = new Set(graph.variables.map(({ handle }) => handle))
  return {
    ...graph,
    variables: [],
    updates: [],
    nodes: graph.nodes.flatMap((node) => {
      if (handles.has(node.name)) return []
      const variable = byRead.get(node.name)
      return [variable ? constantNode(node.name, tensorValue(backend, variable.dataId)) : node]
    }),
  }
}
