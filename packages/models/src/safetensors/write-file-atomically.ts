import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Writes a file so that there is never half of one: into a file beside it, flushed to the disk, then renamed.
 * Makes the folder when there is none.
 */
export async function writeFileAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path)
  const temporary = `${path}.${process.pid}.tmp`
  await mkdir(folder, { recursive: true })
  try {
    await flushed(temporary, 'w', (file) => file.writeFile(bytes))
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await flushed(folder, 'r', () => Promise.resolve())
}

type Handle = Awaited<ReturnType<typeof open>>

async function flushed(path: string, flags: string, write: (file: Handle) => Promise<void>): Promise<void> {
  const file = await open(path, flags)
  try {
    await write(file)
    await file.sync()
  } finally {
    await file.close()
  }
}
