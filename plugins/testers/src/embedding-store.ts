import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cannotWrite, StateError } from '@metric-learning/contracts'

/** Embeddings of one split: row-major float32 [rows, dim], in memory or in a file. */
export interface StoredEmbeddings {
  readonly rows: number
  readonly dim: number
  /** Puts rows from `firstRow` on; they are copied. */
  write(firstRow: number, embeddings: Float32Array): void
  /**
   * All of them; rows that were not put there are 0. From memory the same array every time, from a file another one.
   *
   * @throws {StateError} when they were in a file, and the store was cleared.
   */
  read(): Float32Array
}

/**
 * Keeps embeddings in memory up to a budget, and beyond in files of the temporary folder. A file loses its name as soon as it is open: the system
 * frees it when it is closed, or the process ends, in whatever way.
 */
export class EmbeddingStore {
  readonly #files = new Set<FileEmbeddings>()
  #bytes = 0

  /** @param budget bytes in memory, at most */
  constructor(
    private readonly who: string,
    private readonly budget: number,
  ) {}

  /**
   * Makes room for a split.
   *
   * @throws {DataError} when a file can't be made.
   */
  create(rows: number, dim: number): StoredEmbeddings {
    const bytes = 4 * rows * dim
    if (this.#bytes + bytes <= this.budget) {
      this.#bytes += bytes
      return inMemory(rows, dim)
    }
    const file = new FileEmbeddings(this.who, rows, dim)
    this.#files.add(file)
    return file
  }

  /** Lets go of all: files are freed, and can't be read any more. Arrays stay whoever's they are. */
  clear(): void {
    for (const file of this.#files) file.close()
    this.#files.clear()
    this.#bytes = 0
  }
}

function inMemory(rows: number, dim: number): StoredEmbeddings {
  const values = new Float32Array(rows * dim)
  return {
    rows,
    dim,
    write: (firstRow, embeddings) => {
      values.set(embeddings, firstRow * dim)
    },
    read: () => values,
  }
}

class FileEmbeddings implements StoredEmbeddings {
  #file: number | undefined

  constructor(
    private readonly who: string,
    readonly rows: number,
    readonly dim: number,
  ) {
    this.#file = openUnnamed(who, 4 * rows * dim)
  }

  write(firstRow: number, embeddings: Float32Array): void {
    const bytes = bytesOf(embeddings)
    const start = 4 * firstRow * this.dim
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file!, bytes, done, bytes.length - done, start + done)
    } catch (cause) {
      throw cannotWrite(this.who, `embeddings into ${tmpdir()}`, cause)
    }
  }

  read(): Float32Array {
    if (this.#file === undefined) {
      throw new StateError({
        who: this.who,
        wanted: 'the embeddings of a split to be read before the next test, or `dispose()`',
        got: 'a read after it, and they lay in a file',
        fix: 'Copy what is needed when the test has ended, or raise `embeddingBytes`.',
      })
    }
    const values = new Float32Array(this.rows * this.dim)
    const bytes = bytesOf(values)
    for (let done = 0; done < bytes.length; ) done += readSync(this.#file, bytes, done, bytes.length - done, done)
    return values
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => new Uint8Array(buffer, byteOffset, byteLength)

/** A file of zeros that only its descriptor leads to. */
function openUnnamed(who: string, size: number): number {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'embeddings-'))
    try {
      const file = openSync(join(folder, 'rows'), 'wx+', 0o600)
      // Else a read beyond what was written would never end.
      ftruncateSync(file, size)
      return file
    } finally {
      rmSync(folder, { recursive: true })
    }
  } catch (cause) {
    throw cannotWrite(who, `embeddings into ${tmpdir()}`, cause)
  }
}
