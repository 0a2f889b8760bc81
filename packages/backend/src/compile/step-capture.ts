import { BackendError } from '@metric-learning/contracts'
import { runEagerly, watchEagerly, type Precision, type StepFunction, type WatchedResults, type WatchedStepFunction } from '@metric-learning/ops'
import type * as tf from '@tensorflow/tfjs-core'
import { loadedNativeBackend } from '../native/loaded-native-backend.js'
import { CompiledGraph } from './compiled-graph.js'
import { FieldGuards } from './field-guards.js'
import { differenceOf } from './graph-difference.js'
import { useBfloat16 } from './passes/use-bfloat16.js'
import { recordStep, repeatsStep, type Recording } from './record-step.js'
import type { Obstacle } from './recorded-graph.js'
import type { Transfers } from './resident-variables.js'
import { Restlessness } from './restlessness.js'

/** What is captured, and what to do when that fails. */
export interface CaptureOptions {
  readonly step: StepFunction
  /** The same with asides: what is captured. */
  readonly watched: WatchedStepFunction
  /** Names the step in messages. */
  readonly name: string
  readonly precision: Precision
  readonly fallback: 'warn' | 'throw'
  readonly warn: (message: string) => void
  readonly guarded: Readonly<Record<string, object>>
}

/** Recordings, at most, among which there must be two in a row that are the same. */
const maxRecordings = 4

/** Runs of a graph after which the step is compared with it: these, then twice as many each time. */
const firstComparisons = [1, 10] as const

/** A step for one combination of input shapes: the graph that stands for it, as long as it does. */
export class StepCapture {
  #graph: CompiledGraph | undefined
  /** What the graph was made of. */
  #recorded: Recording | undefined
  #guards: FieldGuards | undefined
  #calls = 0
  /** Runs of this graph. */
  #runs = 0
  /** Runs after which the next comparison is due. */
  #nextComparison: number = firstComparisons[0]
  readonly #restlessness = new Restlessness()
  #isEager = false
  /** False once a rehearsal ended although the step did what it did before. */
  #canRehearse = true
  /** Of graphs that are gone. */
  readonly #gone: Transfers = { pushed: 0, pulled: 0 }

  /** @param onChange told when the step is found to do something else than its graph */
  constructor(
    private readonly options: CaptureOptions,
    private readonly onChange: (by: StepCapture) => void,
  ) {}

  /** Whether a graph stands for the step. */
  get isCaptured(): boolean {
    return this.#graph !== undefined
  }

  /** Whether it was given up to make graphs of the step. */
  get isEager(): boolean {
    return this.#isEager
  }

  /** Values moved between tfjs and the sessions so far. */
  get transfers(): Readonly<Transfers> {
    const { pushed = 0, pulled = 0 } = this.#graph?.transfers ?? {}
    return { pushed: this.#gone.pushed + pushed, pulled: this.#gone.pulled + pulled }
  }

  /** The next run compares. */
  verify(): void {
    this.#nextComparison = Math.min(this.#nextComparison, this.#runs)
  }

  /**
   * Takes the step: by a graph that does what the step does at this moment, or eagerly when that can't be.
   *
   * @throws {BackendError} when it can't be, with `fallback: 'throw'`.
   * @throws whatever the step throws; it has then changed no variable.
   */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[] {
    return this.#current(inputs)?.run(inputs) ?? runEagerly(this.options.step, inputs)
  }

  /** The same with asides. */
  watch(inputs: readonly tf.Tensor[]): WatchedResults {
    return this.#current(inputs)?.watch(inputs) ?? watchEagerly(this.options.watched, inputs)
  }

  /** The graph for this call. */
  #current(inputs: readonly tf.Tensor[]): CompiledGraph | undefined {
    this.#calls += 1
    if (this.#graph?.isStale) this.dispose()
    if (!this.#isEager) this.#refresh(inputs)
    if (this.#graph) this.#runs += 1
    return this.#graph
  }

  /** Brings values home and closes the session; the next run captures anew. */
  dispose(): void {
    const graph = this.#graph
    if (!graph) return
    this.#graph = this.#recorded = this.#guards = undefined
    graph.dispose()
    this.#gone.pushed += graph.transfers.pushed
    this.#gone.pulled += graph.transfers.pulled
  }

  /** Has a graph that stands for the step, or none where that can't be. */
  #refresh(inputs: readonly tf.Tensor[]): void {
    if (!this.#graph) return this.#capture(inputs)
    const changed = this.#guards!.changed()
    if (changed.length > 0 || this.#runs >= this.#nextComparison) this.#compare(inputs, changed)
  }

  #compare(inputs: readonly tf.Tensor[], changed: readonly string[]): void {
    const recorded = this.#recorded!
    if (this.#repeats(inputs, recorded)) return this.#goOn()
    const recording = this.#record(inputs)
    const difference = recording.obstacle ? undefined : differenceOf(recorded.graph, recording.graph)
    if (!recording.obstacle && difference === undefined) {
      this.#canRehearse = false
      return this.#goOn()
    }
    this.onChange(this)
    const restless = recording.obstacle ? undefined : this.#restlessness.note(this.#calls, changed)
    this.dispose()
    if (recording.obstacle) this.#giveUp(notCapturable(this.options, recording.obstacle))
    else if (restless === undefined) this.#capture(inputs, recording)
    else this.#giveUp(restless.length > 0 ? keepsChanging(this.options, restless) : notCapturable(this.options, { what: difference! }))
  }

  /** The graph still stands for the step: what has changed does not matter to it. */
  #goOn(): void {
    this.#guards!.forgetChanged()
    if (this.#runs >= this.#nextComparison) this.#nextComparison = comparisonAfter(this.#runs)
  }

  /** @param last a recording that was made already */
  #capture(inputs: readonly tf.Tensor[], last?: Recording): void {
    let difference: string | undefined
    for (let recordings = last ? 1 : 0; recordings < maxRecordings; recordings++) {
      if (last?.graph.isSteady && this.#repeats(inputs, last)) return this.#build(last)
      const recording = this.#record(inputs)
      const { graph, obstacle } = recording
      if (obstacle) return this.#giveUp(notCapturable(this.options, obstacle))
      difference = graph.isSteady ? last && differenceOf(last.graph, graph) : 'makes variables in every call'
      if (last && difference === undefined) {
        if (last.graph.isSteady) this.#canRehearse = false
        return this.#build(recording)
      }
      last = recording
    }
    this.#giveUp(notCapturable(this.options, { what: difference! }))
  }

  #record(inputs: readonly tf.Tensor[]): Recording {
    return recordStep(loadedNativeBackend()!, this.options.watched, inputs)
  }

  #repeats(inputs: readonly tf.Tensor[], recorded: Recording): boolean {
    return this.#canRehearse && repeatsStep(loadedNativeBackend()!, this.options.watched, inputs, recorded)
  }

  #build(recorded: Recording): void {
    const { precision, guarded } = this.options
    const { graph } = recorded
    this.#graph = new CompiledGraph(loadedNativeBackend()!, precision === 'bfloat16' ? useBfloat16(graph) : graph)
    this.#recorded = recorded
    this.#guards = new FieldGuards(guarded)
    this.#runs = 0
    this.#nextComparison = firstComparisons[0]
  }

  #giveUp(error: BackendError): void {
    if (this.options.fallback === 'throw') throw error
    this.#isEager = true
    this.options.warn(error.message)
  }
}

function comparisonAfter(runs: number): number {
  let next: number = firstComparisons[1]
  while (next <= runs) next *= 2
  return next
}

const advice = (fallback: 'warn' | 'throw') => (fallback === 'warn' ? 'It runs eagerly, slower. ' : '')

function notCapturable({ name, fallback }: CaptureOptions, { what, where }: Obstacle): BackendError {
  return new BackendError({
    who: `compileStep(${name})`,
    wanted: 'a pure function of tensors',
    got: `one that ${what}${where === undefined ? '' : ` (${where})`}`,
    fix: `${advice(fallback)}See docs/compiled-steps.md for how to keep a step capturable.`,
  })
}

function keepsChanging({ name, fallback }: CaptureOptions, paths: readonly string[]): BackendError {
  const shown = paths.slice(0, 3).map((path) => `\`${path}\``)
  return new BackendError({
    who: `compileStep(${name})`,
    wanted: 'a step that computes with the same plain values most of the time',
    got: `${shown.join(', ')}${paths.length > shown.length ? ' and others' : ''}, which changed in call after call`,
    fix: `${advice(fallback)}Make it a scheduled number, or a tf.Variable that is assigned: those enter the step as tensors.`,
  })
}
