import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { endianness, hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
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
  readonly format: Pick<ImageFormat, 'imageSize' | 'channels'>
}

/** Takes the pixels of image `index`; with `isSettled` false, whoever goes on after a kill makes them again. */
export type PutPixels = (index: number, pixels: Uint8Array, isSettled?: boolean) => Promise<void>

/**
 * Writes a cache file: under a name that nobody else has first, which becomes `path` once all is on the disk, so that a file of
 * this name is a whole one, however many write it at the same time. What `fill` throws is thrown on.
 *
 * What a killed process left of the same file is gone on with: sums and CRC-32 of an image stand in the file from when it was
 * put, and images whose pixels have that CRC-32 are not asked for again.
 *
 * @param fill puts all images but those that are `done`, and says what was wrong
 * @throws {DataError} when the file cannot be written.
 */
export async function writePixelCache(
  { who, path, key, count, format: { imageSize, channels } }: NewPixelCache,
  fill: (put: PutPixels, done: ReadonlySet<number>) => Promise<FileFindings>,
): Promise<void> {
  const size = imageSize ** 2 * channels
  const written = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      throw unwritable(who, path, count * size, cause)
    })
  await written(mkdir(dirname(path), { recursive: true }))
  const unfinished = unfinishedName(path)
  const isTakenOver = await takeOver(path, unfinished)
  const sums = new Float64Array(count * sumsPerImage(channels))
  const crcs = new Uint32Array(count)
  const crcsAt = count * size + sums.byteLength
  const handle = await written(open(unfinished, isTakenOver ? 'r+' : 'wx+'))
  try {
    await written(handle.truncate(crcsAt + crcs.byteLength))
    const done = isTakenOver ? await intactImages(handle, size, sums, crcs) : new Set<number>()
    const { corrupt, tolerated } = await fill(async (i, pixels, isSettled = true) => {
      const own = channelSums(pixels, channels)
      sums.set(own, i * own.length)
      crcs[i] = crc32(pixels)
      const parts: [Uint8Array, number][] = [[pixels, i * size]]
      if (isSettled) parts.push([bytesOf(own), count * size + i * own.byteLength], [bytesOf(crcs.slice(i, i + 1)), crcsAt + i * crcs.BYTES_PER_ELEMENT])
      await Promise.all(parts.map(([bytes, at]) => written(writeAt(handle, bytes, at))))
    }, done)
    const blank = crc32(new Uint8Array(size))
    for (const i of corrupt.keys()) crcs[i] = blank
    const index: CacheIndex = { key, count, imageSize, channels, corrupt: [...corrupt], tolerated: [...tolerated] }
    const text = Buffer.from(JSON.stringify(index))
    const tables = Buffer.concat([bytesOf(sums), bytesOf(crcs)])
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

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array | Uint32Array) => new Uint8Array(buffer, byteOffset, byteLength)

/** Images read at a time to see which are intact. */
const READ_AT_A_TIME = 256

/** The images that a killed process had put, whose sums and CRC-32 are copied from the file. */
async function intactImages(handle: FileHandle, size: number, sums: Float64Array, crcs: Uint32Array): Promise<Set<number>> {
  const tables = await readAt(handle, crcs.length * size, sums.byteLength + crcs.byteLength)
  const { buffer } = Uint8Array.from(tables!)
  const foundSums = new Float64Array(buffer, 0, sums.length)
  const foundCrcs = new Uint32Array(buffer, sums.byteLength, crcs.length)
  const perImage = sums.length / crcs.length
  const intact = new Set<number>()
  for (let first = 0; first < crcs.length; first += READ_AT_A_TIME) {
    const count = Math.min(READ_AT_A_TIME, crcs.length - first)
    if (foundCrcs.subarray(first, first + count).every((crc) => crc === 0)) continue
    const pixels = await readAt(handle, first * size, count * size)
    for (let i = first; i < first + count; i++) {
      if (crc32(pixels!.subarray((i - first) * size, (i - first + 1) * size)) !== foundCrcs[i]) continue
      crcs[i] = foundCrcs[i]!
      sums.set(foundSums.subarray(i * perImage, (i + 1) * perImage), i * perImage)
      intact.add(i)
    }
  }
  return intact
}

/** This machine, as part of a name. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)

/** A name under which a file is written before it becomes `path`: another each time, in any process on any machine. It tells who writes. */
export const unfinishedName = (path: string): string => `${path}.${HOST}-${process.pid}-${randomUUID()}.unfinished`

/** Whoever wrote nothing for this long is taken for dead, in milliseconds. */
const SILENCE = 10 * 60 * 1000

/** Makes what a dead process left of `path` the caller's, under the name `own`, which only one caller can. */
async function takeOver(path: string, own: string): Promise<boolean> {
  const folder = dirname(path)
  const left = (await readdir(folder)).filter((name) => name.startsWith(`${basename(path)}.`) && name.endsWith('.unfinished'))
  for (const name of left) {
    const file = join(folder, name)
    const [host, pid] = name.slice(basename(path).length + 1).split('-')
    const isDead = host === HOST && !isRunning(Number(pid))
    const isSilent = async () => Date.now() - (await stat(file).then(({ mtimeMs }) => mtimeMs, () => Infinity)) > SILENCE
    if (!isDead && !(await isSilent())) continue
    if (await rename(file, own).then(() => true, () => false)) return true
  }
  return false
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

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
