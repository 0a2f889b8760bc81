import { join } from 'node:path'
import { DataError } from '@metric-learning/contracts'
import { FilePixels } from '../pixels/file-pixels.js'
import { MemoryPixels } from '../pixels/memory-pixels.js'
import type { PixelStore } from '../pixels/pixel-store.js'
import { cacheKey } from './cache-key.js'
import { decodeAll, type CorruptFiles, type DecodingProgress } from './decode-all.js'
import type { ImageFormat } from './decode-image.js'
import { openPixelCache, writePixelCache } from './pixel-cache.js'
import { removeStaleCaches } from './remove-stale-caches.js'

/** Pixels of all files, by index; those of corrupt ones are not to be used. */
export interface DecodedPixels {
  readonly pixels: PixelStore
  readonly corrupt: CorruptFiles
}

export interface DecodedPixelsOptions {
  readonly root: string
  readonly files: readonly string[]
  readonly format: ImageFormat
  /** Folder of cache files; in memory without one. */
  readonly cache?: string | undefined
  readonly onProgress?: ((progress: DecodingProgress) => void) | undefined
}

/** The decoded files: in memory, or in a cache file that is written when it is not there yet. */
export async function decodedPixels(options: DecodedPixelsOptions): Promise<DecodedPixels> {
  const { files, format, cache } = options
  if (cache !== undefined) return cachedPixels(options, cache)
  const { imageSize, channels } = format
  const size = imageSize ** 2 * channels
  const pixels = new Uint8Array(files.length * size)
  const corrupt = await decodeAll({
    ...options,
    put: (i, image) => {
      pixels.set(image, i * size)
    },
  })
  return { pixels: new MemoryPixels(pixels, [imageSize, imageSize, channels]), corrupt }
}

async function cachedPixels(options: DecodedPixelsOptions, folder: string): Promise<DecodedPixels> {
  const { root, files, format } = options
  const key = await cacheKey(root, files, format)
  const path = join(folder, `${key}.pixels`)
  let cache = await openPixelCache(path, key)
  if (!cache) {
    await writePixelCache(path, key, files.length, format, (put) => decodeAll({ ...options, put })).catch((cause: unknown) => {
      throw new DataError({
        who: 'imageFolder',
        wanted: `to write decoded images into ${folder}`,
        got: cause instanceof Error ? cause.message : String(cause),
        fix: `It takes ${megabytes(files.length, format)} MB; pass another \`cache\`, or none to keep images in memory.`,
        cause,
      })
    })
    await removeStaleCaches(folder)
    cache = await openPixelCache(path, key)
  }
  if (cache) return { pixels: new FilePixels(cache.file), corrupt: cache.corrupt }
  throw new DataError({
    who: 'imageFolder',
    wanted: `to read back the decoded images from ${path}`,
    got: 'another file, or a part of it',
    fix: 'Pass a `cache` folder that nobody else changes.',
  })
}

const megabytes = (count: number, { imageSize, channels }: ImageFormat) => Math.ceil((count * imageSize ** 2 * channels) / 1e6)
