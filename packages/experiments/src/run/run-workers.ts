import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MetricLearningError, StateError, type ErrorCode, type ErrorParts } from '@metric-learning/contracts'
import type { ResolvedConfiguration } from '../configuration/read-configuration.js'
import type { Circumstances } from './circumstances.js'
import { Stopped, type PlannedRun, type RunResult } from './train-run.js'

/** What a process that trains is told first. */
export interface WorkerSetup {
  readonly configuration: ResolvedConfiguration
  readonly circumstances: Circumstances
  readonly writesTensorBoard: boolean
}

/** What came of a run in another process. */
export type WorkerAnswer =
  | { readonly result: RunResult }
  | { readonly stopped: string }
  | { readonly refused: { readonly name: string; readonly code: ErrorCode; readonly parts: ErrorParts } }

interface Waiting {
  readonly run: PlannedRun
  readonly resolve: (result: RunResult) => void
  readonly reject: (error: unknown) => void
}

/**
 * Trains runs of one experiment in processes of their own, several at a time, in the order in which they are asked for. Each process reads
 * the data once, and has its share of the threads; on small networks two of one thread do more than one of two.
 */
export class RunWorkers {
  readonly #processes = new Set<ChildProcess>()
  readonly #idle: ChildProcess[] = []
  readonly #waiting: Waiting[] = []
  readonly #forward = (signal: NodeJS.Signals) => {
    for (const child of this.#processes) child.kill(signal)
  }
  #ended = false

  constructor(count: number, setup: WorkerSetup, say: (line: string) => void) {
    const threads = String(Math.max(1, Math.floor(availableParallelism() / count)))
    // Of a source file the sources, with the loader that this process has.
    const program = fileURLToPath(new URL(`run-worker${extname(import.meta.url)}`, import.meta.url))
    for (let i = 0; i < count; i++) {
      // Each in a group of its own: a signal from a terminal reaches it once, through this process.
      const child = fork(program, { detached: true, env: { TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: threads, ...process.env }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'], serialization: 'advanced' })
      this.#processes.add(child)
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.split('\n')) if (line.trim() !== '') say(line)
      })
      child.on('exit', () => this.#processes.delete(child))
      child.send(setup)
      this.#idle.push(child)
    }
    process.on('SIGTERM', this.#forward)
    process.on('SIGINT', this.#forward)
  }

  /**
   * @throws {Stopped} when the processes were asked to stop.
   * @throws {MetricLearningError} as the run; {@link StateError} when a process ended in the middle of it.
   */
  train(run: PlannedRun): Promise<RunResult> {
    const trained = new Promise<RunResult>((resolve, reject) => this.#waiting.push({ run, resolve, reject }))
    // Who waits for another run that fails first never asks for this one.
    trained.catch(() => undefined)
    this.#next()
    return trained
  }

  /** Ends the processes, once they have ended what they are at. */
  async end(): Promise<void> {
    this.#ended = true
    this.#waiting.length = 0
    process.off('SIGTERM', this.#forward)
    process.off('SIGINT', this.#forward)
    await Promise.all(
      [...this.#processes].map(
        (child) =>
          new Promise<void>((resolve) => {
            child.once('exit', () => resolve())
            if (child.connected) child.disconnect()
          }),
      ),
    )
  }

  #next(): void {
    while (!this.#ended && this.#idle.length > 0 && this.#waiting.length > 0) this.#begin(this.#idle.shift()!, this.#waiting.shift()!)
  }

  #begin(child: ChildProcess, { run, resolve, reject }: Waiting): void {
    const answered = (answer: WorkerAnswer) => {
      child.off('exit', died)
      if ('result' in answer) {
        resolve(answer.result)
        this.#idle.push(child)
        this.#next()
      } else reject('stopped' in answer ? new Stopped(answer.stopped) : new WorkerError(answer.refused))
    }
    const died = (code: number | null, signal: string | null) => {
      child.off('message', answered)
      if (signal === 'SIGTERM' || signal === 'SIGINT') reject(new Stopped(signal))
      else reject(new StateError({ who: 'experiment', wanted: `a process that trains ${run.method}, seed ${run.seed}, to its end`, got: signal === null ? `one that ended with code ${code}` : `one that was ended by ${signal}`, fix: 'What it wrote last is above; with too little memory take fewer --jobs. The same command goes on where it was.' }))
    }
    child.once('message', answered)
    child.once('exit', died)
    if (child.connected) child.send(run)
    else died(child.exitCode, child.signalCode)
  }
}

/** An error of a run in another process, as it was there. */
class WorkerError extends MetricLearningError {
  readonly code: ErrorCode

  constructor({ name, code, parts }: { readonly name: string; readonly code: ErrorCode; readonly parts: ErrorParts }) {
    super(parts)
    this.name = name
    this.code = code
  }
}
