import * as tf from '@tensorflow/tfjs-core'
import { expect, vi } from 'vitest'

/**
 * Runs something while `dataSync`, `data`, `array` and `arraySync` of every tensor throw: a step that reads a value back
 * from the device stalls it, and cannot be compiled.
 */
export function refusingReads(action: () => void): void {
  const refuse = () => {
    throw new Error('a value was read back from the device')
  }
  // Kernels in plain JavaScript and wasm read memory as they compute; there, only reads through tensors count.
  const source = tf.getBackend() === 'tensorflow' ? tf.backend() : tf.engine()
  const spies = [vi.spyOn(source, 'readSync').mockImplementation(refuse), vi.spyOn(source, 'read').mockImplementation(refuse)]
  try {
    expect(() => tf.tidy(() => tf.scalar(1).dataSync()), 'reads are refused').toThrow('read back')
    action()
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
