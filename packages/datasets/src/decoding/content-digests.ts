import { createHash, webcrypto } from 'node:crypto'
import { mkdir, readFile, realpath, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'
import type { ReadingProgress } from './decode-all.js'
import { inParallel } from './in-parallel.js'
import { unfinishedName } from './pixel-cache.js'

/** Bytes of a digest. */
export const DIGEST = 32

/** Numbers that tell whether a file may have changed: size, times of modification and of change (ns), inode. */
const MARKS = 4

/** The files of a dataset. */
export interface FilesOfRoot {
  readonly root: string
  /** Relative to the root. */
  readonly files: readonly string[]
}

/** Called after each file that is read. */
type OnProgress = (progress: ReadingProgress) => void

/** Files whose content is known, in the cache folder; one such list for each root. */
interface KnownFiles {
  readonly names: readonly string[]
  /** [names, 4] */
  readonly marks: BigInt64Array
  /** [names, 32] */
  readonly digests: Uint8Array
  /** When the files began to be looked at, in ns. */
  readonly takenAt: bigint
}

/** Files read at a time. */
const AT_A_TIME = 8

/**
 * SHA-256 of each file's content; zeros of files that cannot be read: [files, 32].
 *
 * What a file is, is its content, and nothing else can stand for it: names, sizes and times of modification are the same in
 * folders that were unpacked from reproducible archives or copied with their times. So each file is read once. The digests are
 * then kept in the cache folder with what `stat` says of the files, and a file is not read again while its size, inode, time
 * of modification and **time of change** stay: the last is set by the system with each write and cannot be set back. It
 * counts where the file system keeps it finer than seconds, and where it was two seconds old when the file was read; elsewhere the file
 * is read again. A million files that are known cost a million calls of `stat`.
 *
 * @param folder the cache folder
 */
export async function contentDigests({ root, files }: FilesOfRoot, folder: string, onProgress?: OnProgress): Promise<Uint8Array> {
  const path = join(folder, `${await listName(root)}.files`)
  const known = await readKnown(path)
  const takenAt = BigInt(Date.now()) * 1_000_000n
  const marks = new BigInt64Array(files.length * MARKS)
  await inParallel(files.length, 32, async (i) => {
    const found = await stat(join(root, files[i]!), { bigint: true }).catch(() => undefined)
    if (found) marks.set([found.size, found.mtimeNs, found.ctimeNs, BigInt.asIntN(64, found.ino)], i * MARKS)
  })

  const digests = new Uint8Array(files.length * DIGEST)
  const unknown = known ? takeKnown(files, marks, known, digests) : [...files.keys()]
  let done = 0
  await inParallel(unknown.length, AT_A_TIME, async (at) => {
    const i = unknown[at]!
    const bytes = await readFile(join(root, files[i]!)).catch(() => undefined)
    if (bytes) digests.set(await contentDigest(bytes), i * DIGEST)
    done += 1
    onProgress?.({ step: 'identifying', done, total: unknown.length })
  })
  const isKept = known && unknown.length === 0 && known.names.length === files.length
  if (isKept) await utimes(path, new Date(), new Date()).catch(() => undefined)
  else await writeKnown(path, folder, { names: files, marks, digests, takenAt })
  return digests
}

/** SHA-256, on a thread of its own. */
export async function contentDigest(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await webcrypto.subtle.digest('SHA-256', bytes))
}

async function listName(root: string): Promise<string> {
  return createHash('sha256').update(await realpath(root)).digest('hex').slice(0, 32)
}

/** Copies the digests of files that are as they were; gives the others. */
function takeKnown(files: readonly string[], marks: BigInt64Array, known: KnownFiles, digests: Uint8Array): number[] {
  const places = new Map(known.names.map((name, place) => [name, place]))
  const unknown: number[] = []
  for (const [i, file] of files.entries()) {
    const place = places.get(file)
    const digest = place === undefined ? undefined : known.digests.subarray(place * DIGEST, (place + 1) * DIGEST)
    if (digest && isSame(marks.subarray(i * MARKS, (i + 1) * MARKS), known, place!) && digest.some((byte) => byte !== 0)) {
      digests.set(digest, i * DIGEST)
    } else {
      unknown.push(i)
    }
  }
  return unknown
}

/** Whether the marks are those of then, and say that the content is, too. */
function isSame(marks: BigInt64Array, { marks: before, takenAt }: KnownFiles, place: number): boolean {
  const changedAt = marks[2]!
  const isTelling = changedAt % 1_000_000_000n !== 0n && changedAt + 2_000_000_000n < takenAt
  return isTelling && marks.every((mark, at) => mark === before[place * MARKS + at])
}

/** Bytes of the CRC-32 that ends a list. */
const CRC = 4

/** `undefined` when there is none, or it is not as it was written. */
async function readKnown(path: string): Promise<KnownFiles | undefined> {
  try {
    const bytes = await readFile(path)
    const list = bytes.subarray(0, -CRC)
    if (crc32(list) !== bytes.readUInt32LE(list.length)) return undefined
    const { names, marks, digests, takenAt } = deserialize(list) as KnownFiles
    const isWhole = marks.length === names.length * MARKS && digests.length === names.length * DIGEST && typeof takenAt === 'bigint'
    return isWhole ? { names, marks, digests, takenAt } : undefined
  } catch {
    return undefined
  }
}

/** Without it files are read again, which a folder that may only be read has to do. */
async function writeKnown(path: string, folder: string, known: KnownFiles): Promise<void> {
  const unfinished = unfinishedName(path)
  try {
    await mkdir(folder, { recursive: true })
    const list = serialize(known)
    const crc = Buffer.alloc(CRC)
    crc.writeUInt32LE(crc32(list))
    await writeFile(unfinished, Buffer.concat([list, crc]), { flag: 'wx' })
    await rename(unfinished, path)
  } catch {
    await rm(unfinished, { force: true }).catch(() => undefined)
  }
}
