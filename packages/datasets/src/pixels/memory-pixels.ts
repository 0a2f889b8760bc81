import type { Normalization } from '@metric-learning/contracts'
import type { PixelStore } from './pixel-store.js'
import { pixelStatistics } from './pixel-statistics.js'

/** Decoded images in memory. Reading is a copy of bytes. */
export class MemoryPixels implements PixelStore {
  readonly #size: number

  /** @param pixels kept, not copied */
  constructor(
    private readonly pixels: Uint8Array,
    private readonly sampleShape: readonly number[],
  ) {
    this.#size = sampleShape.reduce((product, extent) => product * extent, 1)
  }

  get count(): number {
    return this.pixels.length / this.#size
  }

  read(images: Int32Array): Promise<Uint8Array> {
    const size = this.#size
    const values = new Uint8Array(images.length * size)
    images.forEach((image, i) => {
      values.set(this.pixels.subarray(image * size, (image + 1) * size), i * size)
    })
    return Promise.resolve(values)
  }

  statistics(images: Int32Array): Normalization {
    return pixelStatistics({ pixels: this.pixels, rows: images, sampleShape: this.sampleShape })
  }
}
