import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { loadedNativeBackend } from '../../native/loaded-native-backend.js'
import { CompiledGraph } from '../compiled-graph.js'
import { GraphRecorder } from '../graph-recorder.js'
import { freeBatch } from './free-batch.js'

function free(step: (x: tf.Tensor2D) => tf.Tensor) {
  const record = (size: number) => {
    const x = tf.zeros<tf.Rank.R2>([size, 6])
    return new GraphRecorder(loadedNativeBackend()!, [x]).record(() => tf.tidy(() => [step(x)])).graph
  }
  return freeBatch(record(2), record(3))
}

describe.runIf(tf.getBackend() === 'tensorflow')('freeBatch', () => {
  it('gives one graph for batches of any size', () => {
    const step = (x: tf.Tensor2D) => tf.sum(tf.reshape(tf.relu(tf.reshape(x, [x.shape[0] * 2, 3])), [x.shape[0], 2, 3]), 2)
    const freed = free(step)
    if (!('graph' in freed)) throw new Error(freed.obstacle)
    const compiled = new CompiledGraph(loadedNativeBackend()!, freed.graph)
    for (const size of [1, 2, 5]) {
      const x = tf.randomNormal<tf.Rank.R2>([size, 6], 0, 1, 'float32', size)
      const [got] = compiled.run([x])
      expect(got!.shape).toEqual([size, 2])
      expect([...got!.dataSync()]).toEqual([...step(x).dataSync()])
    }
    compiled.dispose()
  })

  it('says which operation holds the batch size fast', () => {
    expect(free((x) => tf.div(tf.sum(x, 0), tf.scalar(x.shape[0])))).toEqual({
      obstacle: 'RealDiv of a constant that holds the batch size',
    })
    expect(free((x) => tf.tile(tf.sum(x, 0, true), [x.shape[0], 1]))).toEqual({
      obstacle: 'Tile of a constant that holds the batch size',
    })
    expect(free((x) => tf.stack(tf.unstack(x)))).toEqual({ obstacle: expect.stringContaining('batch size') as string })
    expect(free((x) => tf.reshape(x, [x.shape[0], 6 / x.shape[0], x.shape[0]]))).toEqual({
      obstacle: 'Reshape of a constant that holds the batch size',
    })
  })
})
