import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemError } from '../checkpoint-error.js'
import { damaged, decodeManifest, MANIFEST, sha256, type CheckpointInfo, type Manifest } from './manifest.js'

/** One file of a checkpoint, as it was saved. */
export interface CheckpointFile {
  readonly name: string
  readonly path: string
  readonly bytes: Buffer
}

/**
 * Reads what a checkpoint says of itself, and looks whether its files are there and of their sizes.
 *
 * @throws {CheckpointError} when not, or when the format is newer.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST)
  await attempt(folder, () => stat(folder))
  const manifest = decodeManifest(path, await attempt(path, () => readFile(path)))
  for (const [name, { size }] of Object.entries(manifest.files)) {
    const file = join(folder, name)
    const found = await attempt(file, () => stat(file))
    if (found.size !== size) throw damaged(file, `${found.size} bytes of ${size}`)
  }
  return manifest
}

/**
 * Reads the files that a manifest names, one by one, each byte checked.
 *
 * @throws {CheckpointError} at the first that is not as it was saved.
 */
export async function* readFiles(folder: string, { files }: Pick<Manifest, 'files'>): AsyncGenerator<CheckpointFile> {
  for (const [name, facts] of Object.entries(files)) {
    const path = join(folder, name)
    const bytes = await attempt(path, () => readFile(path))
    if (sha256(bytes) !== facts.sha256) throw damaged(path, 'bytes that do not have its checksum')
    yield { name, path, bytes }
  }
}

/**
 * Checks each byte of a checkpoint, and makes nothing of it.
 *
 * @throws {CheckpointError} when it is not whole.
 */
export async function expectWhole(folder: string): Promise<CheckpointInfo> {
  const manifest = await readManifest(folder)
  const files = readFiles(folder, manifest)
  while (!(await files.next()).done) continue
  return manifest
}

async function attempt<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw systemError('Checkpoint', 'unreadable', file, error)
  }
}
