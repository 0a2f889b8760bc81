import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { loadedNativeBackend } from '../../native/loaded-native-backend.js'
import { compileStep } from '../compile-step.js'
import { CompiledGraph } from '../compiled-graph.js'
import { GraphRecorder } from '../graph-recorder.js'
import { useBfloat16 } from './use-bfloat16.js'

const random = <R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number) => tf.randomNormal<R>(shape, 0, 1, 'float32', seed)

/** Two convolutions, a layer, and a loss of all pairs of rows, as a step of gradient descent; gives the loss and gradients. */
function makeStep(rate: number) {
  const kernel = tf.variable(random<tf.Rank.R4>([3, 3, 2, 4], 1))
  const kernel2 = tf.variable(tf.mul<tf.Tensor4D>(random<tf.Rank.R4>([1, 1, 4, 4], 4), 0.2))
  const weights = tf.variable(random<tf.Rank.R2>([4, 5], 2))
  const step = (x: tf.Tensor): tf.Tensor[] => {
    const { value, grads } = tf.variableGrads(() => {
      const maps = tf.conv2d(tf.relu(tf.conv2d(x as tf.Tensor4D, kernel, 1, 'same')), kernel2, 1, 'same')
      const rows = tf.matMul(tf.mean<tf.Tensor2D>(maps, [1, 2]), weights)
      return tf.mean<tf.Scalar>(tf.square(tf.matMul(rows, rows, false, true)))
    }, [kernel, kernel2, weights])
    const gradients = [grads[kernel.name]!, grads[weights.name]!]
    weights.assign(tf.sub(weights, tf.mul(grads[weights.name] as tf.Tensor2D, rate)))
    return [value, ...gradients]
  }
  return { weights, step, dispose: () => tf.dispose([kernel, kernel2, weights]) }
}
const x = random<tf.Rank.R4>([3, 6, 6, 2], 3)
const largest = (t: tf.Tensor) => tf.max(tf.abs(t)).dataSync()[0]!
const deviation = (got: tf.Tensor, wanted: tf.Tensor) => largest(tf.sub(got, wanted)) / largest(wanted)

describe.runIf(tf.getBackend() === 'tensorflow')('useBfloat16', () => {
  it('computes layers and their gradients in bfloat16, the loss and all else in float32', () => {
    const { step, dispose } = makeStep(0)
    const { outputs, graph } = new GraphRecorder(loadedNativeBackend()!, [x]).record(() => tf.tidy(() => step(x)))
    const mixed = useBfloat16(graph)
    const inBfloat16 = mixed.nodes.filter(({ attr }) => attr['T']?.type === 14).map(({ op }) => op)
    // The layer's product and its two gradients; of the loss's products, X · Xᵀ and its gradients, none.
    const products = ['BatchMatMulV2', 'BatchMatMulV2', 'BatchMatMulV2']
    const convolutions = ['Conv2D', 'Conv2D', 'Conv2DBackpropFilter', 'Conv2DBackpropFilter', 'Conv2DBackpropInput']
    expect(inBfloat16.sort()).toEqual([...products, ...convolutions])
    const compiled = new CompiledGraph(loadedNativeBackend()!, mixed)
    const results = compiled.run([x])
    results.forEach((result, i) => {
      expect(result.dtype).toBe('float32')
      expect(deviation(result, outputs[i]!)).toBeGreaterThan(1e-6)
      expect(deviation(result, outputs[i]!)).toBeLessThan(0.03) // bfloat16 has 8 bits
    })
    compiled.dispose()
    dispose()
  })

  it('keeps weights in float32, so that small changes add up', () => {
    const { step, weights, dispose } = makeStep(1e-4)
    const run = compileStep(step, { precision: 'bfloat16' })
    const losses = Array.from({ length: 12 }, () => run(x)[0]!.dataSync()[0]!)
    expect(run.graphs).toBe(1)
    losses.slice(1).forEach((loss, i) => expect(loss).toBeLessThan(losses[i]! * 1.01))
    expect(losses.at(-1)).toBeLessThan(losses[2]!)
    const rounded = Float32Array.from(weights.dataSync(), (value) => {
      const bits = new Uint32Array(Float32Array.of(value).buffer)[0]!
      return new Float32Array(Uint32Array.of((bits >>> 16) << 16).buffer)[0]!
    })
    expect(deviation(tf.tensor(rounded, weights.shape), weights)).toBeGreaterThan(0)
    run.dispose()
    dispose()
  })

  it('is off by default, and takes no other names', () => {
    expect(() => compileStep((y) => [y!], { precision: 'float16' as 'bfloat16' })).toThrow("wanted `precision` to be 'float32' or 'bfloat16', got float16")
  })
})
