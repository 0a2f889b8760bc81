import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { compileStep } from '../compile/compile-step.js'
import { observeBackend, type BackendObserver } from './observe-backend.js'

/** What an observer was told, in order. */
function recorder() {
  const told: string[] = []
  const graphs: (readonly string[])[] = []
  const observer: BackendObserver = {
    operation: (name) => told.push(name),
    read: () => told.push('read'),
    graphLoaded: (_id, operations) => graphs.push(operations),
    graphRun: (_id, kind) => told.push(kind),
  }
  return { told, graphs, observer }
}

describe.runIf(tf.getBackend() === 'tensorflow')('observeBackend', () => {
  it('tells of operations and reads, until it is stopped', () => {
    const { told, observer } = recorder()
    const x = tf.tensor1d([1, 2])
    const stop = observeBackend(observer)!
    const sum = tf.add(x, x)
    sum.dataSync()
    expect(told).toEqual(['Add', 'read'])
    stop()
    tf.dispose([tf.mul(x, x), sum, x])
    expect(told.length).toBe(2)
    expect(Object.hasOwn(tf.backend(), 'executeSingleOutput')).toBe(false)
  })

  it('tells of compiled graphs, the operations in them that compute something, and the weights that move', () => {
    const { told, graphs, observer } = recorder()
    const weight = tf.variable(tf.scalar(2))
    const step = compileStep((x) => [tf.relu(tf.mul(x!, weight))])
    const stop = observeBackend(observer)!
    const x = tf.tensor1d([1, -1])
    for (let i = 0; i < 5; i++) tf.dispose(step(x))
    expect(graphs).toEqual([['Mul', 'Relu']])
    expect(told).toContain('weights in')
    expect(told.at(-1)).toBe('step')
    stop()
    step.dispose()
    tf.dispose([x, weight])
  })

  it('sees nothing of another backend', async () => {
    const native = tf.getBackend()
    await tf.setBackend('cpu')
    try {
      expect(observeBackend(recorder().observer)).toBeUndefined()
    } finally {
      await tf.setBackend(native)
    }
  })
})
