import type { FileHandle } from 'node:fs/promises'
import type { WriteStream } from 'node:fs'
import { ioError } from '../errors/io-error.js'
import { TensorBoardLoggerError } from '../errors/tensorboard-logger-error.js'
import { encodeRecord } from './tf-record.js'

/**
 * Writes records to an open file in the background. What the disk has not taken yet waits in memory, up to a limit.
 * The first error of the file is kept, and told by every later `flush` and `close`.
 */
export class RecordStream {
  readonly #stream: WriteStream
  #error: TensorBoardLoggerError | undefined

  /**
   * @param file its name, for messages
   * @param limit bytes that may wait
   */
  constructor(
    private readonly file: string,
    handle: FileHandle,
    private readonly limit: number,
  ) {
    this.#stream = handle.createWriteStream()
    this.#stream.on('error', (error) => this.#keep(error))
  }

  /**
   * Appends a record.
   *
   * @throws {TensorBoardLoggerError} `TBL_CLOSED` after `close`; `TBL_BUFFER_FULL` when it does not fit beside what waits.
   */
  write(who: string, data: Uint8Array): void {
    if (this.#stream.writableEnded) {
      throw new TensorBoardLoggerError('TBL_CLOSED', {
        who,
        wanted: 'an open writer',
        got: `an entry after close() of ${this.file}`,
        fix: 'Write before closing, or open another writer for the folder.',
      })
    }
    if (this.#error) return // A broken file takes nothing; flush and close tell.
    const waiting = this.#stream.writableLength
    if (waiting > 0 && waiting + data.length > this.limit) {
      throw new TensorBoardLoggerError('TBL_BUFFER_FULL', {
        who,
        wanted: `at most ${this.limit} bytes to wait for the disk`,
        got: `${waiting}, and ${data.length} more`,
        fix: 'Await flush() now and then: a loop that never awaits gives the disk no turn.',
      })
    }
    this.#stream.write(encodeRecord(data), (error) => {
      if (error) this.#keep(error)
    })
  }

  /**
   * Resolves when the operating system has taken all that was written.
   *
   * @throws {TensorBoardLoggerError} `TBL_IO`
   */
  async flush(): Promise<void> {
    if (!this.#error && !this.#stream.writableEnded) {
      await new Promise<void>((resolve) => {
        this.#stream.write('', () => resolve())
      })
    }
    this.#expectSound()
  }

  /**
   * Writes what waits, then closes the file. Closing again does nothing.
   *
   * @throws {TensorBoardLoggerError} `TBL_IO`
   */
  async close(): Promise<void> {
    if (!this.#stream.closed) {
      await new Promise<void>((resolve) => {
        this.#stream.once('close', () => resolve())
        this.#stream.end()
      })
    }
    this.#expectSound()
  }

  #keep(error: Error): void {
    this.#error ??= ioError('EventFileWriter', `to write to ${this.file}`, error)
  }

  #expectSound(): void {
    if (this.#error) throw this.#error
  }
}
