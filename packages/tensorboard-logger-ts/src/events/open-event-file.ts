import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { ioError } from '../errors/io-error.js'

export interface OpenedFile {
  readonly file: string
  readonly handle: FileHandle
}

/**
 * Makes the folder and a new file in it: `events.out.tfevents.<seconds>.<host>.<pid>.<number>`, where the number
 * tells the files of one process and second apart. An existing file is never opened.
 *
 * @throws {TensorBoardLoggerError} `TBL_IO`
 */
export async function openEventFile(folder: string): Promise<OpenedFile> {
  const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0')
  const host = hostname().replace(/[^\w.-]/g, '_') || 'localhost'
  try {
    await mkdir(folder, { recursive: true })
    for (let number = 0; ; number++) {
      const file = join(folder, `events.out.tfevents.${seconds}.${host}.${process.pid}.${number}`)
      const handle = await open(file, 'wx').catch(unlessItExists)
      if (handle) return { file, handle }
    }
  } catch (error) {
    throw ioError('EventFileWriter.open', `to create an event file in ${folder}`, error)
  }
}

function unlessItExists(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EEXIST') throw error
}
