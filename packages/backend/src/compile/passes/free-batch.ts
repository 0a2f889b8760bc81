import { isDeepStrictEqual } from 'node:util'
import { constantNode, constantValue } from '../constant-node.js'
import { shapeMessage, type NodeMessage } from '../graph-messages.js'
import type { RecordedGraph } from '../recorded-graph.js'

/** A graph for any batch size, or what stands in the way, in words. */
export type FreedBatch = { readonly graph: RecordedGraph } | { readonly obstacle: string }

/**
 * One graph for batches of any size, from two recordings that differ in the batch size only. Where they differ, the batch
 * size shows: in the shape of an input, and in shapes to which tensors are reshaped, where -1 takes its place. Anywhere
 * else it can't be taken out.
 */
export function freeBatch(one: RecordedGraph, other: RecordedGraph): FreedBatch {
  if (one.nodes.length !== other.nodes.length) return { obstacle: 'operations that depend on the batch size' }
  const nodes: NodeMessage[] = []
  for (const [i, node] of one.nodes.entries()) {
    const freed = free(node, other.nodes[i]!, one.nodes)
    if (typeof freed === 'string') return { obstacle: freed }
    nodes.push(freed)
  }
  return { graph: { ...one, nodes } }
}

/** The node for any batch size, or what stands in the way. */
function free(node: NodeMessage, other: NodeMessage, nodes: readonly NodeMessage[]): NodeMessage | string {
  if (isDeepStrictEqual(node, other)) return node
  const isAlike = node.op === other.op && isDeepStrictEqual(node.input, other.input)
  if (isAlike && node.op === 'Placeholder') return freePlaceholder(node, other)
  if (!isAlike || node.op !== 'Const') return `${node.op} with the batch size in an attribute`
  const users = nodes.filter(({ input }) => input.includes(`${node.name}:0`))
  const isShape = users.every(({ op, input }) => op === 'Reshape' && input[1] === `${node.name}:0` && input[0] !== input[1])
  return (isShape ? freeShape(node, other) : undefined) ?? `${users[0]?.op ?? 'output'} of a constant that holds the batch size`
}

function freePlaceholder(node: NodeMessage, other: NodeMessage): NodeMessage {
  const [sizes, others] = [node, other].map(({ attr }) => attr['shape']!.shape!.dim.map(({ size }) => size))
  const shape = sizes!.map((size, i) => (size === others![i] ? size : -1))
  return { ...node, attr: { ...node.attr, shape: { shape: shapeMessage(shape) } } }
}

/** The shape with -1 for its one extent that varies; `undefined` when there are more. */
function freeShape(node: NodeMessage, other: NodeMessage): NodeMessage | undefined {
  const [value, otherValue] = [constantValue(node)!, constantValue(other)!]
  const [extents, others] = [value, otherValue].map(({ bytes }) => new Int32Array(bytes.slice().buffer))
  const varying = [...extents!.keys()].filter((i) => extents![i] !== others![i])
  if (extents!.length !== others!.length || varying.length !== 1) return undefined
  const freed = extents!.map((extent, i) => (i === varying[0] ? -1 : extent))
  return constantNode(node.name, { ...value, bytes: new Uint8Array(freed.buffer) })
}
