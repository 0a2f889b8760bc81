import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { loadedNativeBackend } from '../../native/loaded-native-backend.js'
import { CompiledGraph } from '../compiled-graph.js'
import { GraphRecorder } from '../graph-recorder.js'
import type { RecordedGraph } from '../recorded-graph.js'
import { foldBatchNorm } from './fold-batch-norm.js'
import { foldConstants } from './fold-constants.js'
import { freezeVariables } from './freeze-variables.js'
import { removeDeadNodes } from './remove-dead-nodes.js'

const x = tf.randomNormal<tf.Rank.R4>([2, 6, 5, 3], 0, 1, 'float32', 1)
const weights = tf.variable(tf.randomNormal<tf.Rank.R4>([3, 3, 3, 4], 0, 1, 'float32', 2))
const mean = tf.variable(tf.tensor1d([0.5, -1, 2, 0]))
const variance = tf.variable(tf.tensor1d([0.01, 1, 4, 100]))
const offset = tf.variable(tf.tensor1d([1, 2, 3, 4]))
const scale = tf.variable(tf.tensor1d([1, -2, 0, 0.5]))

const convolution = () => tf.conv2d(x, weights, [2, 1], 'same')
const norm = (y: tf.Tensor4D) => tf.batchNorm<tf.Rank.R4>(y, mean, variance, offset, scale, 1e-5)

function fold(step: () => tf.Tensor) {
  const backend = loadedNativeBackend()!
  const { outputs, graph } = new GraphRecorder(backend, [x]).record(() => tf.tidy(() => [step()]))
  const folded = removeDeadNodes(foldBatchNorm(foldConstants(backend, freezeVariables(backend, graph))))
  const compiled = new CompiledGraph(backend, folded)
  const [result] = compiled.run([x])
  compiled.dispose()
  const largest = (y: tf.Tensor) => tf.max(tf.abs(y)).dataSync()[0]!
  return { folded, deviation: largest(tf.sub(result!, outputs[0]!)) / largest(outputs[0]!) }
}
const operations = ({ nodes }: RecordedGraph) => nodes.map(({ op }) => op)

describe.runIf(tf.getBackend() === 'tensorflow')('foldBatchNorm', () => {
  it('makes convolution and batch norm one convolution with a shift', () => {
    const { folded, deviation } = fold(() => norm(convolution()))
    expect(operations(folded).filter((op) => !/Const|Placeholder|Reshape/.test(op))).toEqual(['Conv2D', 'BiasAdd'])
    expect(deviation).toBeLessThan(1e-6)
  })

  it('fills in a scale and a shift that were left out', () => {
    const { folded, deviation } = fold(() => tf.batchNorm(convolution(), mean, variance))
    expect(operations(folded)).not.toContain('FusedBatchNorm')
    expect(deviation).toBeLessThan(1e-6)
  })

  it('leaves a convolution whose output others use, and a batch norm after something else', () => {
    const shared = fold(() => {
      const y = convolution()
      return tf.add(norm(y), y)
    })
    const other = fold(() => norm(tf.relu(convolution())))
    for (const { folded, deviation } of [shared, other]) {
      expect(operations(folded)).toContain('FusedBatchNorm')
      expect(deviation).toBeLessThan(1e-6)
    }
  })
})
