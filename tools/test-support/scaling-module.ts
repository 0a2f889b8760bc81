import * as tf from '@tensorflow/tfjs-core'
import type { Module } from '../../packages/contracts/src/index.js'

/** x → x · weight, of two numbers a sample: the least that learns. */
export function scalingModule(name: string): Module {
  const weight = tf.variable(tf.scalar(1))
  return {
    name,
    parameters: new Map([['weight', weight]]),
    buffers: new Map(),
    outputSize: 2,
    call: (x) => tf.mul(x, weight),
    dispose: () => {
      weight.dispose()
    },
  }
}
