import { Worker } from 'node:worker_threads'
import { StateError } from '@metric-learning/contracts'
import type { AugmentBatch } from './augment-batch.js'

const PROGRAM = new URL('../../workers/augment.mjs', import.meta.url)

interface Job {
  readonly batch: AugmentBatch
  readonly resolve: (pixels: Uint8Array) => void
  readonly reject: (error: unknown) => void
}

/**
 * Worker threads that change images. They are started when they are needed, each works on one batch at a time, and
 * idle ones do not keep the process alive.
 */
export class AugmentPool {
  readonly #workers = new Set<Worker>()
  readonly #idle: Worker[] = []
  readonly #waiting: Job[] = []

  /** @param size workers at most */
  constructor(private readonly size: number) {}

  /** The augmented pixels of a batch. Its pixels are copied, for they may belong to somebody; the result is moved. */
  run(batch: AugmentBatch): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject })
      this.#next()
    })
  }

  /** Ends the workers; batches under way fail. A later {@link run} starts new ones. */
  async dispose(): Promise<void> {
    const workers = [...this.#workers]
    this.#idle.length = 0
    await Promise.all(workers.map((worker) => worker.terminate()))
  }

  #next(): void {
    if (this.#waiting.length === 0) return
    const worker = this.#idle.pop() ?? (this.#workers.size < this.size ? this.#start() : undefined)
    if (!worker) return
    const { batch, resolve, reject } = this.#waiting.shift()!
    const fail = (error: unknown) => {
      release()
      reject(error)
      this.#next()
    }
    const ended = () => {
      fail(new StateError({ who: 'augmented', wanted: 'to finish its batch', got: 'dispose() meanwhile', fix: 'Dispose it after the run.' }))
    }
    const done = (pixels: Uint8Array) => {
      release()
      worker.unref()
      this.#idle.push(worker)
      resolve(pixels)
      this.#next()
    }
    const release = () => worker.off('message', done).off('error', fail).off('exit', ended)
    worker.on('message', done).on('error', fail).on('exit', ended)
    worker.ref()
    worker.postMessage(batch)
  }

  #start(): Worker {
    // Without the loaders of the process, which the program does not need.
    const worker = new Worker(PROGRAM, { execArgv: [] })
    this.#workers.add(worker)
    worker.once('exit', () => this.#workers.delete(worker))
    return worker
  }
}
