import * as tf from '@tensorflow/tfjs-core'
import { observeBackend, type BackendObserver, type GraphRunKind, type Timed } from '@metric-learning/backend'
import { expectKnownOptions, expectNumber } from '@metric-learning/contracts'
import type { BatchEndContext, EvalStartContext, Plugin, Progress, TappableTrainer } from '@metric-learning/core'
import { STEP_COMPILER } from '@metric-learning/ops'
import { GraphTotals } from './graph-totals.js'
import { MemoryWatch } from './memory-watch.js'
import { PartClock } from './part-clock.js'
import type { ProfileSummary } from './profile-summary.js'
import { Trace, type TraceFile } from './trace.js'

export interface ProfilerOptions {
  /** Switches compiled steps off for the whole process, so that each operation of a step is seen. Default false. */
  readonly eager?: boolean
  /**
   * Spans and readings in the trace, at most: what comes later is counted, but not drawn, so that a long run needs no more memory
   * than a short one. Default 20,000, some 3,000 compiled steps or 40 eager ones.
   */
  readonly maxTraceEvents?: number
}

type Part = 'step' | 'between' | 'evaluation' | 'outside'

/**
 * A plugin that finds out where the time of a run goes: waiting for data, TensorFlow's library, JavaScript. It counts
 * every operation that runs by itself, every run of a compiled graph and every read, and draws them on a timeline.
 *
 * What is measured is the time that calls into the library take. On a CPU that is the time of the computation. On a GPU
 * an operation returns once it is queued, and the read that needs its result waits; a compiled graph returns when it is
 * done. Watching costs some microseconds a call. Only the native backend is watched; on others there are steps, data
 * waits, evaluations and memory.
 *
 * It may be given to several trainers, which are added up.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @example
 * const profiler = new Profiler()
 * await new Trainer({ ...parts, plugins: [profiler] }).train({ epochs: 1 })
 * process.stdout.write(formatProfile(profiler.summary()))
 */
export class Profiler implements Plugin {
  readonly name = 'profiler'
  readonly #eager: boolean
  readonly #trace: Trace
  readonly #parts: Readonly<Record<Part, PartClock>> = {
    step: new PartClock(),
    between: new PartClock(),
    evaluation: new PartClock(),
    outside: new PartClock(),
  }
  readonly #graphs = new GraphTotals()
  readonly #memory = new MemoryWatch()
  #stopObserving: (() => void) | undefined
  #part: Part = 'outside'
  /** When the part under way began. */
  #since = 0
  #epochSince = 0
  #stepSince = 0
  #isInEpoch = false
  #epochs = 0
  #steps = 0
  #eagerSteps = 0
  #evaluations = 0
  #dataWait = 0
  #graphRanInStep = false

  constructor(options: ProfilerOptions = {}) {
    expectKnownOptions('Profiler', options, ['eager', 'maxTraceEvents'])
    const { eager = false, maxTraceEvents = 20_000 } = options
    expectNumber('Profiler', 'maxTraceEvents', maxTraceEvents, { min: 0, integer: true })
    this.#eager = eager
    this.#trace = new Trace(performance.now(), maxTraceEvents)
  }

  /** Steps seen so far. */
  get steps(): number {
    return this.#steps
  }

  apply({ hooks }: TappableTrainer): void {
    this.#observe()
    const first = { name: this.name, stage: 'measure' } as const
    const last = { name: this.name, stage: 'report' } as const
    hooks.setup.tap(first, () => this.#observe())
    hooks.epochStart.tap(last, () => this.#beginEpoch())
    hooks.batchStart.tap(first, () => this.#beginStep())
    hooks.batchEnd.tap(first, (context) => this.#endStep(context))
    hooks.epochEnd.tap(first, (context) => this.#endEpoch(context))
    hooks.evalStart.tap(first, (context) => this.#beginEvaluation(context))
    // After the testers, of whom none may have been due.
    hooks.evaluate.tap(last, () => this.#enter('outside'))
    hooks.evalEnd.tap(first, ({ tester }) => this.#endEvaluation(tester))
    hooks.done.tap(first, (context) => this.#endEpoch(context))
    hooks.failed.tap(first, (context) => this.#endEpoch(context))
  }

  /** All that was found so far. */
  summary(): ProfileSummary {
    const { step, between, evaluation } = this.#parts
    return {
      backend: tf.getBackend(),
      isObserved: this.#stopObserving !== undefined,
      epochs: this.#epochs,
      steps: this.#steps,
      eagerSteps: this.#eagerSteps,
      evaluations: this.#evaluations,
      dataWait: this.#dataWait,
      step: step.time(),
      between: between.time(),
      evaluation: evaluation.time(),
      stepOperations: step.operations.rows(),
      evaluationOperations: evaluation.operations.rows(),
      graphs: this.#graphs.rows(),
      memory: this.#memory.readings(),
      untraced: this.#trace.untraced,
    }
  }

  /** The timeline so far; `JSON.stringify` makes of it what chrome://tracing and Perfetto open. */
  trace(): TraceFile {
    return this.#trace.file()
  }

  /** Stops watching the backend; compiled steps stay off where `eager` was asked for. */
  dispose(): void {
    this.#stopObserving?.()
    this.#stopObserving = undefined
  }

  #observe(): undefined {
    this.#stopObserving ??= observeBackend(this.#observer)
    if (this.#eager && tf.getKernel(STEP_COMPILER, tf.getBackend())) tf.unregisterKernel(STEP_COMPILER, tf.getBackend())
  }

  readonly #observer: BackendObserver = {
    operation: (name, timed) => {
      this.#parts[this.#part].operations.add(name, timed.own)
      if (this.#part !== 'step' && this.#part !== 'evaluation') return // the checks at an epoch's end are nobody's step
      this.#trace.span('tensorflow', 'operation', name, timed.start, timed.end)
    },
    read: (timed) => {
      this.#parts[this.#part].addLibrary('reads', timed.own)
      this.#trace.span('tensorflow', 'read', 'read', timed.start, timed.end)
    },
    graphLoaded: (id, operations, timed) => {
      this.#parts[this.#part].addLibrary('transfers', timed.own)
      const name = `load graph ${this.#graphs.load(id, operations)}`
      this.#trace.span('tensorflow', 'graph', name, timed.start, timed.end, { operations: operations.length })
    },
    graphRun: (id, kind, timed) => {
      this.#graphRun(id, kind, timed)
    },
  }

  #graphRun(id: number, kind: GraphRunKind, { start, end, own }: Timed): void {
    if (kind !== 'step') {
      this.#parts[this.#part].addLibrary('transfers', own)
      this.#trace.span('tensorflow', 'graph', kind, start, end)
      return
    }
    this.#parts[this.#part].addLibrary('graphs', own)
    this.#graphRanInStep ||= this.#part === 'step'
    this.#trace.span('tensorflow', 'graph', `graph ${this.#graphs.run(id, own)}`, start, end)
  }

  /** Ends the part under way and begins another. */
  #enter(part: Part): undefined {
    const now = performance.now()
    this.#parts[this.#part].add(now - this.#since)
    this.#part = part
    this.#since = now
  }

  #beginEpoch(): undefined {
    this.#enter('between')
    this.#epochSince = this.#since
    this.#isInEpoch = true
    this.#epochs += 1
  }

  #beginStep(): undefined {
    this.#enter('step')
    this.#stepSince = this.#since
    this.#graphRanInStep = false
  }

  #endStep({ epoch, step, dataWait }: BatchEndContext): undefined {
    const start = this.#stepSince
    this.#enter('between')
    this.#steps += 1
    if (!this.#graphRanInStep) this.#eagerSteps += 1
    // The wait came just before the step, and was taken for a part of what lies between steps until now.
    this.#parts.between.add(-dataWait)
    this.#dataWait += dataWait
    this.#trace.span('training', 'data', 'data wait', start - dataWait, start, { step })
    this.#trace.span('training', 'step', 'step', start, this.#since, { step, epoch })
    const { tensors, residentMegabytes } = this.#memory.look()
    this.#trace.counter('tensors', this.#since, { tensors })
    this.#trace.counter('resident memory, MB', this.#since, { resident: Math.round(residentMegabytes) })
  }

  #endEpoch({ epoch }: Progress): undefined {
    this.#enter('outside')
    if (!this.#isInEpoch) return
    this.#isInEpoch = false
    this.#trace.span('training', 'epoch', `epoch ${epoch}`, this.#epochSince, this.#since, { epoch })
  }

  /** That of an epoch comes after its training, one within it after an update, before the step has ended. */
  #beginEvaluation(context: EvalStartContext): undefined {
    if (!context.withinEpoch) this.#endEpoch(context)
    this.#enter('evaluation')
  }

  #endEvaluation(tester: string): undefined {
    const start = this.#since
    this.#enter('outside')
    this.#evaluations += 1
    this.#trace.span('training', 'evaluation', tester, start, this.#since)
  }
}
