import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { encodeSafetensors, type HostTensor } from '@metric-learning/models'
import { CheckpointError, systemError } from './checkpoint-error.js'
import { encodeManifest, MANIFEST, sha256, type CheckpointInfo, type Manifest } from './format/manifest.js'
import { encodePlain } from './format/plain-json.js'
import { namedTensors, shareOut, toHost } from './format/tensor-files.js'
import type { Plain } from '@metric-learning/contracts'
import type { RunState } from '@metric-learning/core'

const who = 'writeCheckpoint'
/** Node reads at most 2 GiB at once. */
const TENSOR_FILE_BYTES = 2 ** 30

/** What {@link writeCheckpoint} is told besides the state. */
export type SavedInfo = Pick<CheckpointInfo, 'position'> & Partial<Pick<CheckpointInfo, 'metrics' | 'time'>>

/**
 * Saves the state of a run as a new folder that is whole or not there: written under another name beside it, flushed to
 * the disk file by file, then renamed. Left-overs in the same place, of saves whose process was killed, are removed.
 *
 * @param folder path of the checkpoint, such as `nextCheckpointFolder` gives
 * @param info where the run stands; metrics of this very step (default none); the time (default now)
 * @throws {CheckpointError} of kind `unwritable` when a file can't be written, which it names; then nothing is left of it.
 */
export async function writeCheckpoint(folder: string, state: RunState, info: SavedInfo): Promise<void> {
  const target = resolve(folder)
  const parent = dirname(target)
  await attempt(parent, () => makeFolder(parent))
  await removeLeftOvers(parent)
  await expectFree(target)
  const temporary = join(parent, `.${basename(target)}.${process.pid}.saving`)
  underWay.add(temporary)
  try {
    await attempt(target, () => mkdir(temporary))
    const files: Record<string, Manifest['files'][string]> = {}
    for await (const [name, bytes] of contents(state)) {
      await attempt(join(target, name), () => write(join(temporary, name), bytes))
      files[name] = { size: bytes.length, sha256: sha256(bytes) }
    }
    const { position, metrics = {}, time = new Date() } = info
    const manifest = Buffer.from(encodeManifest({ position, metrics, time, files }))
    await attempt(join(target, MANIFEST), () => write(join(temporary, MANIFEST), manifest))
    await attempt(target, () => flush(temporary))
    await attempt(target, () => rename(temporary, target))
    await attempt(parent, () => flush(parent))
  } catch (error) {
    // The disk may be gone; what is wrong is said by `error`.
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
    throw error
  } finally {
    underWay.delete(temporary)
  }
}

/** Removes a checkpoint at once: killed in between, it leaves no half one. */
export async function removeCheckpoint(folder: string): Promise<void> {
  const target = resolve(folder)
  const doomed = join(dirname(target), `.${basename(target)}.${process.pid}.removing`)
  try {
    await rename(target, doomed)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw systemError('removeCheckpoint', 'unwritable', target, error)
  }
  // What can't be removed now is a left-over, for the next save to remove.
  await rm(doomed, { recursive: true, force: true }).catch(() => undefined)
}

/** Folders that this process is writing. */
const underWay = new Set<string>()

/** Removes what killed saves and removals left; what belongs to another process that lives may be half done. */
async function removeLeftOvers(parent: string): Promise<void> {
  for (const name of await attempt(parent, () => readdir(parent))) {
    const place = join(parent, name)
    const [, pid] = /^\..+\.(\d+)\.(saving|removing)$/.exec(name) ?? []
    if (pid === undefined || underWay.has(place) || isAnothers(Number(pid))) continue
    // One that can't be removed is in nobody's way.
    await rm(place, { recursive: true, force: true }).catch(() => undefined)
  }
}

/** Whether a process lives and is another one than this. */
function isAnothers(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // That of another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function* contents(state: RunState): AsyncGenerator<readonly [name: string, bytes: Uint8Array]> {
  const shares = shareOut(namedTensors(state), TENSOR_FILE_BYTES)
  for (const [i, share] of shares.entries()) {
    const name = `tensors-${i + 1}.safetensors`
    const tensors = new Map<string, HostTensor>()
    for (const named of share) tensors.set(named[0], await inPlainWords(name, () => toHost(named)))
    yield [name, encodeSafetensors({ tensors, metadata: {} })]
  }
  const values: Record<string, Plain> = Object.fromEntries(Object.entries(state).map(([section, { values = {} }]) => [section, values]))
  yield ['state.json', Buffer.from(await inPlainWords('state.json', () => encodePlain(values)))]
}

/** Says of what can't be saved where it would have gone. */
async function inPlainWords<T>(file: string, encode: () => T | Promise<T>): Promise<T> {
  try {
    return await encode()
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new CheckpointError({
      who,
      kind: 'unwritable',
      file,
      wanted: `plain values and tensors of float32, int32 or bool for ${file}`,
      got: cause.message,
      fix: 'Let `state()` give such ones.',
      cause,
    })
  }
}

async function expectFree(folder: string): Promise<void> {
  if (!(await stat(folder).catch(() => undefined))) return
  throw new CheckpointError({
    who,
    kind: 'unwritable',
    file: folder,
    wanted: 'the path of a new folder',
    got: `${folder}, which exists`,
    fix: 'Take another path, such as that of `nextCheckpointFolder`.',
  })
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes a folder and those it is in, which are on the disk after that. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return
  for (let place = dirname(folder); place.length >= dirname(first).length; place = dirname(place)) {
    await flush(place)
    if (place === dirname(place)) return
  }
}

/** Sees that the names in a folder are on the disk. */
async function flush(folder: string): Promise<void> {
  // Windows opens no folders, and needs none to be flushed.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function attempt<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw systemError(who, 'unwritable', file, error)
  }
}
