import * as tf from '@tensorflow/tfjs-core'
import type { MemoryReadings } from './profile-summary.js'

/** Looks at memory now and then. */
export class MemoryWatch {
  #first: number | undefined
  #last = 0
  #tensorBytes = 0
  #resident = 0

  /** One look: tensors of tfjs, and resident megabytes (10⁶ bytes). */
  look(): { readonly tensors: number; readonly residentMegabytes: number } {
    const { numTensors, numBytes } = tf.memory()
    this.#first ??= numTensors
    this.#last = numTensors
    this.#tensorBytes = Math.max(this.#tensorBytes, numBytes)
    this.#resident = process.memoryUsage.rss()
    return { tensors: numTensors, residentMegabytes: this.#resident / 1e6 }
  }

  readings(): MemoryReadings {
    return {
      tensors: [this.#first ?? 0, this.#last],
      tensorBytes: this.#tensorBytes,
      resident: this.#resident,
      // In kilobytes.
      peak: process.resourceUsage().maxRSS * 1024,
    }
  }
}
