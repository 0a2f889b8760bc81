import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeImage, type DecodedImage, type ImageFormat } from './decode-image.js'
import { inParallel } from './in-parallel.js'
import { settledImage } from './settled-image.js'

/** How far the reading of a folder has come, in files. */
export interface ReadingProgress {
  /** With a cache, files that are not known yet are first read for what they are; then those that are not in the cache are decoded. */
  readonly step: 'identifying' | 'decoding'
  readonly done: number
  readonly total: number
}

export interface DecodeAllOptions {
  readonly root: string
  /** Relative to the root. */
  readonly files: readonly string[]
  readonly format: ImageFormat
  /** Sees the bytes of file `index` before they are decoded; `undefined` when it cannot be read. */
  readonly check?: (index: number, bytes: Buffer | undefined) => Promise<void>
  /** Takes the pixels of file `index`, and whether nothing was found wrong with it; calls come in no particular order. */
  readonly put: (index: number, pixels: Uint8Array, isSettled: boolean) => Promise<void> | void
  /** Files that are passed over. Default none. */
  readonly done?: ReadonlySet<number>
  /** Called after each file. */
  readonly onProgress?: ((progress: ReadingProgress) => void) | undefined
}

/** What was found wrong, by index of the file, in order. */
export interface FileFindings {
  /** Files without pixels, and why. */
  readonly corrupt: ReadonlyMap<number, string>
  /** Files with pixels that have a defect all the same, and which. */
  readonly tolerated: ReadonlyMap<number, string>
}

/** Files decoded at a time: more than the threads of libuv, so that none of them waits. */
const AT_A_TIME = 2 * Math.max(4, Number(process.env['UV_THREADPOOL_SIZE'] ?? 0))

/**
 * Decodes all files, on the threads of sharp. What `check` and `put` throw is thrown on.
 *
 * libvips gathers the messages of all its threads in one place, so that what it says of one file may be about another that is
 * decoded at the same time. Files that fail are therefore decoded once more, one by one, after the others, until two answers agree.
 */
export async function decodeAll({ root, files, format, check, put, done: before = new Set(), onProgress }: DecodeAllOptions): Promise<FileFindings> {
  const corrupt = new Map<number, string>()
  const tolerated = new Map<number, string>()
  const failed: number[] = []
  let done = before.size
  const read = async (i: number): Promise<Buffer | undefined> => {
    const bytes = await readFile(join(root, files[i]!)).catch(async (error: unknown) => {
      corrupt.set(i, await unreadable(root, files[i]!, error))
    })
    await check?.(i, bytes ?? undefined)
    return bytes ?? undefined
  }
  const keep = async (i: number, { pixels, defects }: DecodedImage) => {
    if (defects.length > 0) tolerated.set(i, defects.join(', '))
    await put(i, pixels, defects.length === 0)
  }

  const wanted = [...files.keys()].filter((i) => !before.has(i))
  await inParallel(wanted.length, AT_A_TIME, async (at) => {
    const i = wanted[at]!
    const bytes = await read(i)
    if (bytes) {
      const image = await decodeImage(bytes, format).catch(() => undefined)
      if (image) await keep(i, image)
      else failed.push(i)
    }
    done += 1
    onProgress?.({ step: 'decoding', done, total: files.length })
  })
  for (const i of failed) {
    const bytes = await read(i)
    if (!bytes) continue
    const answer = await settledImage(bytes, format)
    if (typeof answer === 'string') corrupt.set(i, answer)
    else await keep(i, answer)
  }
  return { corrupt: inOrder(corrupt), tolerated: inOrder(tolerated) }
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ELOOP: 'a link that leads to itself',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  ERR_FS_FILE_TOO_LARGE: 'larger than 2 GiB',
}

async function unreadable(root: string, file: string, error: unknown): Promise<string> {
  const { code = '', message } = error as NodeJS.ErrnoException
  return code === 'ENOENT' ? missing(root, file) : (UNREADABLE[code] ?? message)
}

/** Why there is nothing behind a name that was listed. Node has U+FFFD where bytes of a name are no UTF-8. */
async function missing(root: string, file: string): Promise<string> {
  const isThere = await lstat(join(root, file)).then(() => true, () => false)
  if (isThere) return 'a link that leads nowhere'
  return file.includes('\ufffd') ? 'a name that is not in UTF-8' : 'a file that vanished while the folder was loaded'
}

const inOrder = (found: ReadonlyMap<number, string>) => new Map([...found].sort(([a], [b]) => a - b))
