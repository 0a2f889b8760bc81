import * as tf from '@tensorflow/tfjs-core'
import { vi } from 'vitest'
import { ConformanceError, expectThat, thrownBy } from './expectations.js'

/**
 * Runs something while `dataSync`, `data`, `array` and `arraySync` of every tensor throw: a step that reads a value back
 * from the device stalls it, and cannot be compiled.
 */
export function refusingReads(action: () => void): void {
  const allow = refuseReads()
  try {
    const isRefused = thrownBy(() => tf.tidy(() => tf.scalar(1).dataSync())) instanceof ConformanceError
    expectThat(isRefused, { what: 'a read, tried first', wanted: 'to be refused', got: 'one that this suite does not see, on this backend' })
    action()
  } finally {
    allow()
  }
}

/** Has reads throw until what it returns is called. */
export function refuseReads(): () => void {
  const refuse = () => {
    throw new ConformanceError('A value was read back from the device (dataSync, data, arraySync or array): wanted none to be read in a step.')
  }
  // Kernels in plain JavaScript and wasm read memory as they compute; there, only reads through tensors count.
  const source = tf.getBackend() === 'tensorflow' ? tf.backend() : tf.engine()
  const spies = [vi.spyOn(source, 'readSync').mockImplementation(refuse), vi.spyOn(source, 'read').mockImplementation(refuse)]
  return () => {
    for (const spy of spies) spy.mockRestore()
  }
}
