import * as tf from '@tensorflow/tfjs-core'
import { expectThat } from './expectations.js'

/** Expects that calls leave nothing on the device but what they return, which is disposed. */
export function expectNoLeak(what: string, calls: number, call: () => tf.TensorContainer): void {
  tf.dispose(call())
  expectBalance(`${calls} calls of ${what}`, () => {
    for (let i = 0; i < calls; i++) tf.dispose(call())
  })
}

/** Expects as many tensors after something as before it. */
export function expectBalance(what: string, work: () => void): void {
  const before = tf.memory().numTensors
  work()
  const more = tf.memory().numTensors - before
  expectThat(more === 0, { what, wanted: 'as many tensors after it as before', got: more > 0 ? `${more} more` : `${-more} fewer` })
}
