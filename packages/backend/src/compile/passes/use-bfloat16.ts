import { DATA_TYPE } from '../../native/data-types.js'
import type { NodeMessage } from '../graph-messages.js'
import { producer } from '../producer.js'
import type { RecordedGraph } from '../recorded-graph.js'

const { float32, bfloat16 } = DATA_TYPE

/** Which inputs of a convolution, or of one of its gradients, hold values; the others hold shapes. */
const convolutions: Readonly<Record<string, readonly number[]>> = {
  Conv2D: [0, 1],
  Conv2DBackpropInput: [1, 2],
  Conv2DBackpropFilter: [0, 2],
}
const products: readonly string[] = ['MatMul', 'BatchMatMul', 'BatchMatMulV2']

/**
 * The graph with convolutions and the matrix products of layers, and the gradients of both, in bfloat16: their inputs are
 * cast to it and their results back. All else stays float32: the weights that are assigned, normalisation, reductions,
 * the loss.
 *
 * A matrix product is a layer's when one factor is a variable as it is, not normalised first as losses do with their
 * weights; or when it has a factor in common with such a one, as the gradient of the weights has.
 */
export function useBfloat16(graph: RecordedGraph): RecordedGraph {
  const valueInputs = valueInputsOf(graph.nodes)
  const casts = new Map<string, string>()
  const convert = (node: NodeMessage): NodeMessage[] => {
    const values = valueInputs(node)
    if (node.attr['T']?.type !== float32 || values.length === 0) return [node]
    const added: NodeMessage[] = []
    const input = node.input.map((source, i) => {
      if (!values.includes(i)) return source
      const known = casts.get(source)
      if (known !== undefined) return known
      const name = `${producer(source)}/bfloat16_${casts.size}`
      added.push(castNode(name, source, float32, bfloat16))
      casts.set(source, `${name}:0`)
      return `${name}:0`
    })
    const inside = { ...node, name: `${node.name}/inside`, input, attr: { ...node.attr, T: { type: bfloat16 } } }
    return [...added, inside, castNode(node.name, `${inside.name}:0`, bfloat16, float32)]
  }
  return { ...graph, nodes: graph.nodes.flatMap(convert) }
}

function castNode(name: string, source: string, from: number, to: number): NodeMessage {
  return { name, op: 'Cast', input: [source], attr: { SrcT: { type: from }, DstT: { type: to }, Truncate: { b: false } } }
}

/** Says which inputs of a node to cast; none for what stays as it is. */
function valueInputsOf(nodes: readonly NodeMessage[]): (node: NodeMessage) => readonly number[] {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  /** The node whose values an input has, whatever their shape. */
  const origin = (source: string): NodeMessage => {
    const node = byName.get(producer(source))!
    return node.op === 'Reshape' ? origin(node.input[0]!) : node
  }
  const isWeights = (source: string) => origin(source).op === 'ReadVariableOp'
  const isProduct = ({ op }: NodeMessage) => products.includes(op)
  const layers = nodes.filter((node) => isProduct(node) && node.input.some(isWeights))
  const factors = new Set(layers.flatMap(({ input }) => input.map(origin)))
  return (node) => {
    if (!isProduct(node)) return convolutions[node.op] ?? []
    return node.input.some((source) => factors.has(origin(source))) ? [0, 1] : []
  }
}
