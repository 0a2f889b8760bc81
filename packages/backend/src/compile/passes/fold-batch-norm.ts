import { DATA_TYPE } from '../../native/data-types.js'
import { constantNode, constantValue } from '../constant-node.js'
import type { NodeMessage } from '../graph-messages.js'
import { producer } from '../producer.js'
import type { RecordedGraph } from '../recorded-graph.js'

/**
 * The graph with each batch normalisation in inference form folded into the convolution before it:
 *
 *     γ · (x ∗ w - μ) / √(σ² + ε) + β = x ∗ (s · w) + (β - s · μ)  with  s = γ / √(σ² + ε)
 *
 * for each output channel. Where the convolution's weights and all of γ, β, μ, σ² are constants, and nobody else uses the
 * convolution's output. What is replaced is left for `removeDeadNodes`.
 */
export function foldBatchNorm(graph: RecordedGraph): RecordedGraph {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]))
  const uses = new Map<string, number>()
  for (const source of [...graph.nodes.flatMap(({ input }) => input), ...graph.outputs]) {
    uses.set(producer(source), (uses.get(producer(source)) ?? 0) + 1)
  }
  const floats = (source: string): Float32Array | undefined => {
    const value = constantValue(byName.get(producer(source))!)
    return value?.dtype === float32 ? new Float32Array(value.bytes.slice().buffer) : undefined
  }
  const fold = (node: NodeMessage): NodeMessage[] => {
    if (!isInferenceNorm(node)) return [node]
    const conv = byName.get(producer(node.input[0]!))!
    const [gamma, beta, mean, variance] = node.input.slice(1).map(floats)
    if (conv.op !== 'Conv2D' || !isChannelsLast(conv) || uses.get(conv.name) !== 1) return [node]
    const [x, weights] = conv.input as [string, string]
    const kernel = floats(weights)
    if (!gamma || !beta || !mean || !variance || !kernel) return [node]
    const { shape } = constantValue(byName.get(producer(weights))!)!
    const epsilon = node.attr['epsilon']!.f!
    const scale = gamma.map((value, i) => value / Math.sqrt(variance[i]! + epsilon))
    const scaled = kernel.map((value, i) => value * scale[i % scale.length]!)
    const shift = beta.map((value, i) => value - scale[i]! * mean[i]!)
    const name = (of: string) => `${node.name}/${of}`
    return [
      constantNode(name('weights'), { dtype: float32, shape, bytes: new Uint8Array(scaled.buffer) }),
      constantNode(name('shift'), { dtype: float32, shape: [shift.length], bytes: new Uint8Array(shift.buffer) }),
      { ...conv, name: name('convolution'), input: [x, `${name('weights')}:0`] },
      {
        name: node.name,
        op: 'BiasAdd',
        input: [`${name('convolution')}:0`, `${name('shift')}:0`],
        attr: { T: { type: float32 }, data_format: { s: new TextEncoder().encode('NHWC') } },
      },
    ]
  }
  return { ...graph, nodes: graph.nodes.flatMap(fold) }
}

const { float32 } = DATA_TYPE
const isChannelsLast = ({ attr }: NodeMessage): boolean => new TextDecoder().decode(attr['data_format']?.s) === 'NHWC'
const isInferenceNorm = (node: NodeMessage): boolean =>
  /^FusedBatchNorm(V[23])?$/.test(node.op) && node.attr['is_training']?.b === false && isChannelsLast(node)
