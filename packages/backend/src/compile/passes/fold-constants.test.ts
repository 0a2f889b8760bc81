import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { loadedNativeBackend } from '../../native/loaded-native-backend.js'
import { CompiledGraph } from '../compiled-graph.js'
import { GraphRecorder } from '../graph-recorder.js'
import type { RecordedGraph } from '../recorded-graph.js'
import { foldConstants } from './fold-constants.js'
import { removeDeadNodes } from './remove-dead-nodes.js'

const backend = () => loadedNativeBackend()!
const operations = ({ nodes }: RecordedGraph) => nodes.map(({ op }) => op).filter((op) => !/^(Const|Placeholder)$/.test(op))

function record(inputs: tf.Tensor[], step: () => tf.Tensor[]) {
  const { outputs, graph } = new GraphRecorder(backend(), inputs).record(() => tf.tidy(step))
  return { wanted: [...outputs[0]!.dataSync()], graph, folded: removeDeadNodes(foldConstants(backend(), graph)) }
}

function expectSame(graph: RecordedGraph, inputs: tf.Tensor[], wanted: number[]) {
  const compiled = new CompiledGraph(backend(), graph)
  expect([...compiled.run(inputs)[0]!.dataSync()]).toEqual(wanted)
  compiled.dispose()
}

describe.runIf(tf.getBackend() === 'tensorflow')('foldConstants', () => {
  it('computes once what depends on no input', () => {
    const x = tf.tensor2d([[1, 2], [3, 4]])
    const { wanted, graph, folded } = record([x], () => {
      const mask = tf.logicalNot(tf.cast(tf.oneHot(tf.tensor1d([0, 1], 'int32'), 2), 'bool'))
      return [tf.where(mask, x, tf.zerosLike(tf.exp(tf.tensor2d([[0, 1], [2, 3]]))))]
    })
    expect(operations(graph).length).toBeGreaterThan(4)
    expect(operations(folded)).toEqual(['Select'])
    expect(folded.nodes.length).toBeLessThan(graph.nodes.length / 2)
    expectSame(folded, [x], wanted)
  })

  it('leaves random draws, and large results of small constants', () => {
    const x = tf.tensor1d([1])
    const draws = record([x], () => [tf.add(tf.multinomial(tf.tensor1d([0, 0, 0]), 4), tf.cast(x, 'int32'))])
    expect(operations(draws.folded)).toContain('Multinomial')
    const large = record([x], () => [tf.sum(tf.mul(tf.tile(tf.tensor1d([2, 3]), [10_000]), x))])
    expect(operations(large.folded)).toContain('Tile')
    expectSame(large.folded, [x], large.wanted)
  })

  it('gives a graph without constant operations back as it is, and leaks no tensor', () => {
    const x = tf.tensor1d([1, 2])
    const { graph, folded } = record([x], () => [tf.square(x)])
    expect(folded.nodes).toEqual(graph.nodes)
    const constant = record([x], () => [tf.add(x, tf.exp(tf.tensor1d([1, 2])))])
    const before = tf.memory().numTensors
    foldConstants(backend(), constant.graph)
    expect(tf.memory().numTensors).toBe(before)
  })
})
