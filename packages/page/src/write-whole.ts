import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { cannotWrite } from '@metric-learning/contracts'

/**
 * Writes a file whole or not at all; folders are made as needed.
 *
 * @throws {DataError} in the name of `who` when it can't be written.
 */
export async function writeWhole(who: string, file: string, content: string | Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    // Node writes all of it or fails; the library's own write takes what a disk that fills had room for as the whole.
    await writeFileAtomic(file, '', { tmpfileCreated: (temporary) => writeFileSync(temporary, content) })
  } catch (cause) {
    throw cannotWrite(who, file, cause)
  }
}
