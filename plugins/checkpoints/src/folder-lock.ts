import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { StateError } from '@metric-learning/contracts'
import { systemError } from './checkpoint-error.js'

/** Milliseconds between two signs of life. */
const BEAT = 5000

/** Who writes into a folder, as the lock file says. */
interface Writer {
  /** Of this run and no other. */
  readonly token: string
  readonly pid: number
  readonly host: string
  /** When the process began, by which it is told from a later one of the same number; `null` where the system does not say. */
  readonly began: string | null
}

/**
 * Keeps a folder for one run at a time, by a file `.writer.json` in it that names process and host.
 *
 * That of a process of this host which has ended is taken over. That of another host, whose processes can't be seen from here, is taken
 * over when it gives no sign of life for a while. Should its writer live after all, {@link expectHeld} tells it.
 */
export class FolderLock {
  readonly #file: string
  readonly #token = randomUUID()
  #beat: NodeJS.Timeout | undefined

  /**
   * @param who in whose name it complains
   * @param folder made when it is missing
   * @param say told of locks that were left behind
   * @param patience how long to look for signs of life of another host, in milliseconds
   * @param words what has the folder, and what to do instead, for who is refused
   */
  constructor(
    private readonly who: string,
    folder: string,
    private readonly say: (line: string) => void,
    private readonly patience = 3 * BEAT,
    private readonly words = { holder: 'run', instead: 'End that run first, or pass another `folder`.' },
  ) {
    this.#file = join(resolve(folder), '.writer.json')
  }

  /**
   * Takes the folder, unless it is held already.
   *
   * @throws {StateError} when another run has it, of this process or another.
   */
  async take(): Promise<void> {
    if (this.#beat !== undefined) return
    await this.#attempt(() => mkdir(dirname(this.#file), { recursive: true }))
    while (!(await this.#attempt(() => this.#create()))) {
      const writer = await this.#attempt(() => this.#read())
      if (writer === undefined) continue
      if (await this.#lives(writer)) throw this.#taken(writer)
      this.say(`${this.#file}: ${named(writer)} has ended without giving the folder free; it is taken over.`)
      await this.#attempt(() => this.#remove())
    }
    this.#beat = setInterval(() => {
      void utimes(this.#file, new Date(), new Date()).catch(() => undefined)
    }, BEAT).unref()
  }

  /**
   * Before each write: whether the folder is still this run's.
   *
   * @throws {StateError} when another run has taken it over.
   */
  async expectHeld(): Promise<void> {
    const writer = await this.#attempt(() => this.#read())
    if (writer?.token === this.#token) return
    this.#stop()
    if (writer !== undefined) throw this.#taken(writer)
    // Somebody removed it, or all of the folder.
    await this.take()
  }

  /** Gives the folder free, if it is held. */
  async release(): Promise<void> {
    if (this.#beat === undefined) return
    this.#stop()
    // One that can't be removed is that of a process that will have ended.
    const writer = await this.#read().catch(() => undefined)
    if (writer?.token === this.#token) await rm(this.#file, { force: true }).catch(() => undefined)
  }

  #stop(): void {
    clearInterval(this.#beat)
    this.#beat = undefined
  }

  async #create(): Promise<boolean> {
    const writer: Writer = { token: this.#token, pid: process.pid, host: hostname(), began: await whenBegan(process.pid) }
    try {
      await writeFile(this.#file, `${JSON.stringify(writer)}\n`, { flag: 'wx' })
      return true
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false
      throw error
    }
  }

  /** `undefined`: there is none. */
  async #read(isSecond = false): Promise<Writer | undefined> {
    try {
      return JSON.parse(await readFile(this.#file, 'utf8')) as Writer
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      if (!(error instanceof SyntaxError)) throw error
      // It is being written, or its writer was killed within.
      if (isSecond) return { token: '', pid: 0, host: hostname(), began: null }
      await wait(100)
      return this.#read(true)
    }
  }

  async #lives(writer: Writer): Promise<boolean> {
    if (writer.host === hostname()) {
      const began = await whenBegan(writer.pid)
      return isProcess(writer.pid) && (writer.began === null || began === null || began === writer.began)
    }
    this.say(`${this.#file} is of ${named(writer)}: looking ${this.patience / 1000} seconds for a sign of life.`)
    const touched = () => stat(this.#file).then(({ mtimeMs }) => mtimeMs, () => undefined)
    const before = await touched()
    for (let waited = 0; waited < this.patience; waited += this.patience / 30) {
      await wait(this.patience / 30)
      const now = await touched()
      if (now !== before) return now !== undefined
    }
    return false
  }

  /** At once: of two that take over, one at most removes what the other has made, and that one is told at its next save. */
  async #remove(): Promise<void> {
    const doomed = `${this.#file}.${process.pid}.removing`
    try {
      await rename(this.#file, doomed)
      await rm(doomed, { force: true })
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
  }

  #taken(writer: Writer): StateError {
    return new StateError({
      who: this.who,
      wanted: `${dirname(this.#file)} for one ${this.words.holder} at a time`,
      got: `another one, of ${writer.pid === process.pid && writer.host === hostname() ? 'this process' : named(writer)}, which writes there`,
      fix: `${this.words.instead} If there is none, remove ${this.#file}.`,
    })
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw systemError(this.who, 'unwritable', dirname(this.#file), error)
    }
  }
}

const named = ({ pid, host }: Writer): string => `process ${pid} on ${host}`
const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

function isProcess(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // That of another user.
    return codeOf(error) === 'EPERM'
  }
}

/** When a process began, in ticks since the system did; on Linux. */
async function whenBegan(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // The name of the program, in brackets, may have spaces; the 22nd field is the 20th behind it.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null
}
