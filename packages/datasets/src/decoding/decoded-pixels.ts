import { join } from 'node:path'
import { DataError } from '@metric-learning/contracts'
import { FilePixels } from '../pixels/file-pixels.js'
import { MemoryPixels } from '../pixels/memory-pixels.js'
import type { PixelStore } from '../pixels/pixel-store.js'
import { cacheKey } from './cache-key.js'
import { contentDigest, contentDigests, DIGEST, type FilesOfRoot } from './content-digests.js'
import { decodeAll, type ReadingProgress, type FileFindings } from './decode-all.js'
import type { ImageFormat } from './decode-image.js'
import { openPixelCache, writePixelCache } from './pixel-cache.js'
import { removeStaleCaches } from './remove-stale-caches.js'

/** Pixels of all files, by index; those of corrupt ones are not to be used. */
export interface DecodedPixels extends FileFindings {
  readonly pixels: PixelStore
}

export interface DecodedPixelsOptions extends FilesOfRoot {
  /** Who reads them, for errors. */
  readonly who: string
  readonly format: ImageFormat
  /** Folder of cache files; in memory without one. */
  readonly cache?: string | undefined
  readonly onProgress?: ((progress: ReadingProgress) => void) | undefined
}

/** The decoded files: in memory, or in a cache file that is written when it is not there yet. */
export async function decodedPixels(options: DecodedPixelsOptions): Promise<DecodedPixels> {
  const { files, format, cache } = options
  if (cache !== undefined) return cachedPixels(options, cache)
  const { imageSize, channels } = format
  const size = imageSize ** 2 * channels
  const pixels = new Uint8Array(files.length * size)
  const findings = await decodeAll({
    ...options,
    put: (i, image) => {
      pixels.set(image, i * size)
    },
  })
  return { pixels: new MemoryPixels(pixels, [imageSize, imageSize, channels]), ...findings }
}

async function cachedPixels(options: DecodedPixelsOptions, folder: string): Promise<DecodedPixels> {
  const { who, root, files, format, onProgress } = options
  const digests = await contentDigests(options, folder, onProgress)
  const key = cacheKey(digests, format)
  const path = join(folder, `${key}.pixels`)
  let cache = await openPixelCache(path, key)
  if (!cache) {
    const check = async (i: number, bytes: Buffer | undefined) => {
      const digest = bytes ? await contentDigest(bytes) : new Uint8Array(DIGEST)
      if (digest.some((byte, at) => byte !== digests[i * DIGEST + at])) throw changed(who, join(root, files[i]!))
    }
    await writePixelCache({ who, path, key, count: files.length, format }, (put, done) => decodeAll({ ...options, check, put, done }))
    await removeStaleCaches(folder)
    cache = await openPixelCache(path, key)
  }
  if (cache) return { pixels: new FilePixels(cache.file), ...cache.findings }
  throw new DataError({
    who,
    wanted: `to read back the decoded images from ${path}`,
    got: 'another file, or a part of it',
    fix: 'Pass a `cache` folder that nobody else changes.',
  })
}

const changed = (who: string, file: string) =>
  new DataError({
    who,
    wanted: 'files that stay as they are while they are read',
    got: `${file}, which changed meanwhile`,
    fix: 'Load the folder again once nobody writes to it.',
  })
