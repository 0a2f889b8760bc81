import { join } from 'node:path'
import { decodeImage, type ImageFormat } from './decode-image.js'
import { inParallel } from './in-parallel.js'

/** How far decoding has come, in files. */
export interface DecodingProgress {
  readonly done: number
  readonly total: number
}

export interface DecodeAllOptions {
  readonly root: string
  /** Relative to the root. */
  readonly files: readonly string[]
  readonly format: ImageFormat
  /** Takes the pixels of file `index`; calls come in no particular order. */
  readonly put: (index: number, pixels: Uint8Array) => Promise<void> | void
  /** Called after each file. */
  readonly onProgress?: ((progress: DecodingProgress) => void) | undefined
}

/** Why files could not be decoded, by index, in order. */
export type CorruptFiles = ReadonlyMap<number, string>

/** Files decoded at a time: a few more than libuv's four threads. */
const AT_A_TIME = 8

/** Decodes all files, on the threads of sharp. What `put` throws is thrown on. */
export async function decodeAll({ root, files, format, put, onProgress }: DecodeAllOptions): Promise<CorruptFiles> {
  const corrupt = new Map<number, string>()
  let done = 0
  await inParallel(files.length, AT_A_TIME, async (i) => {
    const pixels = await decodeImage(join(root, files[i]!), format).catch((error: unknown) => {
      corrupt.set(i, error instanceof Error ? error.message.split('\n')[0]! : String(error))
    })
    if (pixels) await put(i, pixels)
    done += 1
    onProgress?.({ done, total: files.length })
  })
  return new Map([...corrupt].sort(([a], [b]) => a - b))
}
