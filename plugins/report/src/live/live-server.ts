import { Worker } from 'node:worker_threads'
import { OptionError, PluginError } from '@metric-learning/contracts'

const PROGRAM = new URL('../../workers/live-server.mjs', import.meta.url)

/** What the thread is given: the document around its slots, these in order, the names under which it may be asked for. */
export interface LiveServerOptions {
  readonly before: string
  readonly after: string
  readonly slots: readonly string[]
  readonly allowedHosts: readonly string[]
}

/** What a slot of the page shows. */
export interface ShownSection {
  readonly slot: string
  /** With `<!--chart 0-->` in place of the first chart, and so on. */
  readonly markup: string
  readonly charts: readonly ShownChart[]
}

/** A chart that is drawn when somebody looks. */
export interface ShownChart {
  /** As vega-lite has it, in JSON. */
  readonly spec: string
  /** Escaped. */
  readonly label: string
}

/** What the thread says. */
type LiveServerMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'flushed' }

/** Milliseconds in which browsers have to take the last of a run: one that sleeps does not hold it up for longer. */
const PARTING = 10_000

/** The thread that serves the page. It does not keep the process alive. */
export class LiveServer {
  readonly #worker: Worker
  #failure: Error | undefined
  #hasEnded = false

  /** @param onFailure told when the thread ends by itself; what is shown then goes nowhere */
  constructor(options: LiveServerOptions, onFailure: (error: Error) => void) {
    // Without the loaders of the process, which the program does not need.
    this.#worker = new Worker(PROGRAM, { workerData: options, execArgv: [] })
    this.#worker.unref()
    this.#worker.on('error', (error) => {
      this.#failure = error
      onFailure(error)
    })
    this.#worker.on('exit', () => {
      this.#hasEnded = true
    })
  }

  /**
   * Listens at the first of some ports that is free; 0 is any.
   *
   * @returns the address
   * @throws {OptionError} when none is.
   * @throws {PluginError} when the thread can't be started.
   */
  async listen(ports: readonly number[]): Promise<string> {
    const answer = await this.#ask({ kind: 'listen', ports })
    if (answer?.kind === 'listening') return `http://127.0.0.1:${answer.port}/`
    if (answer?.kind === 'failed') {
      throw new OptionError({
        who: 'liveReport',
        wanted: '`port` to be one that is free',
        got: `${ports.join(', ')} (${answer.message})`,
        fix: 'Take another one, leave `port` out for the next that is free, or pass 0 for any.',
      })
    }
    throw new PluginError({
      who: 'liveReport',
      wanted: 'the thread that serves the page to start',
      got: this.#failure?.message ?? 'its end',
      fix: 'Leave the live page out where memory is short; the cause has the stack.',
      cause: this.#failure,
    })
  }

  show(sections: readonly ShownSection[]): void {
    this.#worker.postMessage({ kind: 'show', sections })
  }

  /** Waits until browsers have what was shown last, a moment at most. */
  async flush(): Promise<void> {
    await this.#ask({ kind: 'flush' }, PARTING)
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  /** `undefined` when the thread has ended, or nothing came in time. */
  async #ask(message: object, patience?: number): Promise<LiveServerMessage | undefined> {
    const worker = this.#worker
    let timer: NodeJS.Timeout | undefined
    let end: (() => void) | undefined
    worker.ref()
    try {
      return await new Promise<LiveServerMessage | undefined>((resolve) => {
        end = () => {
          resolve(undefined)
        }
        worker.once('message', resolve)
        worker.once('exit', end)
        if (this.#hasEnded) end()
        else worker.postMessage(message)
        if (patience !== undefined) timer = setTimeout(end, patience)
      })
    } finally {
      clearTimeout(timer)
      worker.removeAllListeners('message')
      if (end) worker.off('exit', end)
      worker.unref()
    }
  }
}
