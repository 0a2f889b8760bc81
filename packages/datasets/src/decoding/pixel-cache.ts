import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { endianness } from 'node:os'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { DataError } from '@metric-learning/contracts'
import type { PixelFile } from '../pixels/file-pixels.js'
import { channelSums, sumsPerImage } from '../pixels/channel-sums.js'
import type { FileFindings } from './decode-all.js'
import type { ImageFormat } from './decode-image.js'

/** A cache file that was opened: its pixels, and what was found wrong with the images. */
export interface PixelCache {
  readonly file: PixelFile
  readonly findings: FileFindings
}

/** At the end of the file: all that is needed to read it. */
interface CacheIndex {
  readonly key: string
  readonly count: number
  readonly imageSize: number
  readonly channels: 1 | 3
  readonly corrupt: readonly (readonly [number, string])[]
  readonly tolerated: readonly (readonly [number, string])[]
}

/*
 * Layout:
 *   pixels  [count, imageSize, imageSize, channels] bytes; of corrupt files zeros
 *   sums    [count, channels, 2] float64, in the byte order of the machine
 *   crcs    [count] uint32, in the byte order of the machine: CRC-32 of the pixels of each image
 *   index   JSON
 *   footer  magic (8 bytes), length of the index, CRC-32 of sums, crcs and index (uint32, little-endian)
 */
const MAGIC = `MLPX03${endianness()}`
const FOOTER = 16

/**
 * Opens a cache file; `undefined` when there is none, or it is not whole, or of something else. Pixels are not read here: `FilePixels`
 * compares those of each image with its CRC-32 when it is loaded.
 */
export async function openPixelCache(path: string, key: string): Promise<PixelCache | undefined> {
  const handle = await open(path, 'r').catch(() => undefined)
  if (!handle) return undefined
  try {
    const { size } = await handle.stat()
    const footer = await readAt(handle, size - FOOTER, FOOTER)
    if (footer?.toString('latin1', 0, 8) !== MAGIC) return undefined
    const indexLength = footer.readUInt32LE(8)
    const text = await readAt(handle, size - FOOTER - indexLength, indexLength)
    if (!text) return undefined
    const index = JSON.parse(text.toString()) as CacheIndex
    const { count, imageSize, channels } = index
    const sumsLength = count * sumsPerImage(channels) * Float64Array.BYTES_PER_ELEMENT
    const crcsLength = count * Uint32Array.BYTES_PER_ELEMENT
    const start = count * imageSize ** 2 * channels
    const tables = await readAt(handle, start, sumsLength + crcsLength)
    const isWhole =
      tables && start + tables.length + indexLength + FOOTER === size && crc32(text, crc32(tables)) === footer.readUInt32LE(12)
    if (!isWhole || index.key !== key) return undefined
    const now = new Date()
    // Says that it is in use; a cache that may only be read serves as well.
    await handle.utimes(now, now).catch(() => undefined)
    const { buffer } = Uint8Array.from(tables)
    return {
      file: {
        path,
        count,
        sampleShape: [imageSize, imageSize, channels],
        sums: new Float64Array(buffer, 0, count * sumsPerImage(channels)),
        crcs: new Uint32Array(buffer, sumsLength, count),
      },
      findings: { corrupt: new Map(index.corrupt), tolerated: new Map(index.tolerated) },
    }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  } finally {
    await handle.close()
  }
}

/** A cache file that is to be written. */
export interface NewPixelCache {
  /** Who decodes the images, for errors. */
  readonly who: string
  readonly path: string
  readonly key: string
  /** Number of images. */
  readonly count: number
  readonly format: ImageFormat
}

/**
 * Writes a cache file: under a name that nobody else has first, which becomes `path` once all is on the disk, so that a file of
 * this name is a whole one, however many write it at the same time. What `fill` throws is thrown on.
 *
 * @param fill decodes all images into the cache, and says what was wrong
 * @throws {DataError} when the file cannot be written.
 */
export async function writePixelCache(
  { who, path, key, count, format: { imageSize, channels } }: NewPixelCache,
  fill: (put: (index: number, pixels: Uint8Array) => Promise<void>) => Promise<FileFindings>,
): Promise<void> {
  const size = imageSize ** 2 * channels
  const written = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      throw unwritable(who, path, count * size, cause)
    })
  await written(mkdir(dirname(path), { recursive: true }))
  const unfinished = unfinishedName(path)
  const sums = new Float64Array(count * sumsPerImage(channels))
  const crcs = new Uint32Array(count).fill(crc32(new Uint8Array(size)))
  const handle = await written(open(unfinished, 'wx'))
  try {
    const { corrupt, tolerated } = await fill(async (i, pixels) => {
      sums.set(channelSums(pixels, channels), i * sumsPerImage(channels))
      crcs[i] = crc32(pixels)
      await written(writeAt(handle, pixels, i * size))
    })
    const index: CacheIndex = { key, count, imageSize, channels, corrupt: [...corrupt], tolerated: [...tolerated] }
    const text = Buffer.from(JSON.stringify(index))
    const tables = Buffer.concat([Buffer.from(sums.buffer), Buffer.from(crcs.buffer)])
    const footer = Buffer.alloc(FOOTER)
    footer.write(MAGIC, 'latin1')
    footer.writeUInt32LE(text.length, 8)
    footer.writeUInt32LE(crc32(text, crc32(tables)), 12)
    await written(writeAt(handle, Buffer.concat([tables, text, footer]), count * size))
    await written(handle.sync())
    await handle.close()
    await written(rename(unfinished, path))
  } catch (error) {
    await handle.close().catch(() => undefined)
    await rm(unfinished, { force: true })
    throw error
  }
}

/** A name under which a file is written before it becomes `path`: another each time, in any process on any machine. */
export const unfinishedName = (path: string): string => `${path}.${randomUUID()}.unfinished`

function unwritable(who: string, path: string, bytes: number, cause: unknown): DataError {
  const { code, message } = cause as NodeJS.ErrnoException
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG'
  return new DataError({
    who,
    wanted: `to write decoded images into ${dirname(path)}`,
    got: message,
    fix: `${isFull ? `They take ${Math.ceil(bytes / 1e6)} MB; make room, or pass` : 'Pass'} another \`cache\`, or none to keep images in memory.`,
    cause,
  })
}

/** `undefined` when the file has not that much. */
async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer | undefined> {
  if (position < 0) return undefined
  const buffer = Buffer.alloc(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done)
    if (bytesRead === 0) return undefined
    done += bytesRead
  }
  return buffer
}

/** Writes all of it; one write may take less than it is given. */
async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten
  }
}
