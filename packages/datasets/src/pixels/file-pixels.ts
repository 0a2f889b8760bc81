import { open, type FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { DataError, type Normalization } from '@metric-learning/contracts'
import { statisticsOfSums } from './channel-sums.js'
import type { PixelStore } from './pixel-store.js'

/** A file that begins with the pixels of `count` images. */
export interface PixelFile {
  readonly path: string
  readonly count: number
  /** [height, width, channels] */
  readonly sampleShape: readonly [number, number, number]
  /** `channelSums` of each image. */
  readonly sums: Float64Array
  /** CRC-32 of the pixels of each image. */
  readonly crcs: Uint32Array
}

/**
 * Decoded images in a file, of which only what is asked for is in memory. Neighbouring images are one read.
 *
 * Node has no memory mapping without a native addon, and does not need one here: reads at an offset run on libuv's
 * threads, off the main one, straight into the array of the batch, and the operating system keeps what was read
 * before in the page cache, as it does with mapped pages. A page fault of a mapped file would stall the main thread
 * instead. The file is opened for each batch, some hundred microseconds, so that there is nothing to close.
 */
export class FilePixels implements PixelStore {
  readonly count: number
  readonly #size: number

  constructor(private readonly file: PixelFile) {
    this.count = file.count
    this.#size = file.sampleShape.reduce((product, extent) => product * extent, 1)
  }

  /** @throws {DataError} when the file is gone or was cut off, or pixels of these images are not those that were written. */
  async read(images: Int32Array): Promise<Uint8Array> {
    const values = new Uint8Array(images.length * this.#size)
    const handle = await open(this.file.path, 'r').catch((cause: unknown) => {
      throw this.#unreadable(cause)
    })
    try {
      await Promise.all(runsOf(images).map((run) => this.#readRun(handle, images, run, values)))
    } finally {
      await handle.close()
    }
    this.#expectIntact(images, values)
    return values
  }

  statistics(images: Int32Array): Normalization {
    const [height, width, channels] = this.file.sampleShape
    return statisticsOfSums(this.file.sums, images, channels, height * width)
  }

  async #readRun(handle: FileHandle, images: Int32Array, { start, length }: Run, values: Uint8Array): Promise<void> {
    let done = 0
    const wanted = length * this.#size
    // A read may give less than it was asked for, 2 GiB at most.
    while (done < wanted) {
      const { bytesRead } = await handle.read(values, start * this.#size + done, wanted - done, images[start]! * this.#size + done)
      if (bytesRead === 0) throw this.#unreadable(new Error('it ends too early'))
      done += bytesRead
    }
  }

  #expectIntact(images: Int32Array, values: Uint8Array): void {
    const damaged = images.findIndex((image, i) => crc32(values.subarray(i * this.#size, (i + 1) * this.#size)) !== this.file.crcs[image])
    if (damaged === -1) return
    throw new DataError({
      who: 'FilePixels',
      wanted: `the decoded images in ${this.file.path}, as they were written`,
      got: `other pixels of image ${images[damaged]}: their CRC-32 differs`,
      fix: 'Delete the file and load the dataset again to have it rebuilt; look at the disk if it happens again.',
    })
  }

  #unreadable(cause: unknown): DataError {
    return new DataError({
      who: 'FilePixels',
      wanted: `the decoded images in ${this.file.path}`,
      got: cause instanceof Error ? cause.message : String(cause),
      fix: 'Keep the cache folder as it is while a dataset is in use; load the dataset again to have it rebuilt.',
      cause,
    })
  }
}

/** Positions `start` to `start + length - 1`, where images are neighbours in the file. */
interface Run {
  readonly start: number
  readonly length: number
}

function runsOf(images: Int32Array): Run[] {
  const starts = [...images.keys()].filter((i) => i === 0 || images[i] !== images[i - 1]! + 1)
  return starts.map((start, i) => ({ start, length: (starts[i + 1] ?? images.length) - start }))
}
