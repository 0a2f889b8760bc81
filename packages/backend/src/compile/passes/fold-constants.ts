import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { DATA_TYPE } from '../../native/data-types.js'
import { constantNode, constantValue, type ConstantValue } from '../constant-node.js'
import type { NodeMessage } from '../graph-messages.js'
import { GraphSession } from '../graph-session.js'
import { producer } from '../producer.js'
import type { RecordedGraph } from '../recorded-graph.js'
import { tensorValue } from '../tensor-value.js'

/** A constant of up to so many bytes replaces an operation, even where it is larger than what it is made of. */
const smallBytes = 65_536

/**
 * The graph with a constant in place of each operation whose inputs are all constants; the backend computes it, once,
 * with the kernels that would compute it in every run. The operations before it are left for `removeDeadNodes`.
 *
 * Not folded: random draws, operations in types other than float32, int32 and bool, and a result above 64 KiB that is
 * larger than its inputs.
 */
export function foldConstants(backend: NodeJSKernelBackend, graph: RecordedGraph): RecordedGraph {
  const foldable = foldableNodes(graph.nodes)
  const needed = [...graph.outputs, ...graph.variables.flatMap(({ assigned }) => assigned ?? [])]
  for (const { name, input } of graph.nodes) if (!foldable.has(name)) needed.push(...input)
  const wanted = [...new Set(needed.map(producer))].filter((name) => foldable.get(name)?.input.length)
  if (wanted.length === 0) return graph
  const values = evaluate(backend, [...foldable.values()], wanted)
  const folded = new Map(wanted.map((name, i) => [name, values[i]!] as const))
  const sizeOf = (source: string): number => {
    const node = foldable.get(producer(source))!
    return constantValue(node)?.bytes.length ?? folded.get(node.name)?.bytes.length ?? 0
  }
  return {
    ...graph,
    nodes: graph.nodes.map((node) => {
      const value = folded.get(node.name)
      if (value === undefined) return node
      const before = node.input.reduce((sum, source) => sum + sizeOf(source), 0)
      return value.bytes.length <= Math.max(before, smallBytes) ? constantNode(node.name, value) : node
    }),
  }
}

/** Constants, and operations of which every run would give the same. */
function foldableNodes(nodes: readonly NodeMessage[]): ReadonlyMap<string, NodeMessage> {
  const sidewards = new Set(nodes.flatMap(({ input }) => input.filter((source) => !source.endsWith(':0')).map(producer)))
  const foldable = new Map<string, NodeMessage>()
  for (const node of nodes) {
    const { name, op, input } = node
    const isFixed = input.length > 0 && input.every((source) => foldable.has(producer(source)))
    if (op === 'Const' || (isFixed && isPure(node) && !sidewards.has(name))) foldable.set(name, node)
  }
  return foldable
}

const plainTypes: readonly number[] = [DATA_TYPE.float32, DATA_TYPE.int32, DATA_TYPE.bool]
const isPure = ({ op, attr }: NodeMessage): boolean =>
  !/Random|Multinomial|TruncatedNormal|Shuffle/.test(op) &&
  Object.values(attr).every(({ type }) => type === undefined || plainTypes.includes(type))

function evaluate(backend: NodeJSKernelBackend, nodes: readonly NodeMessage[], wanted: readonly string[]): ConstantValue[] {
  const session = new GraphSession(backend, nodes)
  try {
    const results = session.run(new Map(), wanted)
    const values = results.map(({ dataId }) => tensorValue(backend, dataId))
    tf.dispose(results)
    return values
  } finally {
    session.close()
  }
}
