import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'

/** Writes a file whole or not at all; folders are made as needed. */
export async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  // Node writes all of it or fails; the library's own write takes what a disk that fills had room for as the whole.
  await writeFileAtomic(file, '', { tmpfileCreated: (temporary) => writeFileSync(temporary, text) })
}
