import * as tf from '@tensorflow/tfjs-core'
import { expect } from 'vitest'

/** Expects that calls leave nothing on the device but what they return, which is disposed. */
export function expectNoLeak(calls: number, call: () => tf.TensorContainer): void {
  tf.dispose(call())
  const before = tf.memory().numTensors
  for (let i = 0; i < calls; i++) tf.dispose(call())
  expect(tf.memory().numTensors - before, `tensors left behind by ${calls} calls`).toBe(0)
}
