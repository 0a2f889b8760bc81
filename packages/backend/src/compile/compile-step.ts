import * as tf from '@tensorflow/tfjs-core'
import { BackendError, expectKnownOptions, expectNumber, expectOneOf } from '@metric-learning/contracts'
import { PRECISIONS, type CompiledStep, type CompileOptions, type StepFunction } from '@metric-learning/ops'
import { loadedNativeBackend, nativeBackendName } from '../native/loaded-native-backend.js'
import { CompiledGraph } from './compiled-graph.js'
import { differenceOf } from './graph-difference.js'
import { GraphRecorder } from './graph-recorder.js'
import { useBfloat16 } from './passes/use-bfloat16.js'
import type { Obstacle, RecordedGraph } from './recorded-graph.js'
import type { Transfers } from './resident-variables.js'

/** Options of {@link compileStep}. */
export interface CompileStepOptions extends CompileOptions {
  /** Graphs kept, one for each combination of input shapes; the one unused longest goes first. Default 8. */
  readonly maxGraphs?: number
}

/** What {@link compileStep} gives. */
export interface CompiledStepGraphs extends CompiledStep {
  /** Graphs that run as a whole by now. */
  readonly graphs: number
  /** Values of variables moved between tfjs and the sessions so far. */
  readonly transfers: Readonly<Transfers>
}

/** Calls, at most, in which a step may go on changing before it counts as uncapturable. */
const maxRecordings = 4

/** One combination of input shapes on its way from eager to compiled. */
interface Capture {
  recordings: number
  last?: RecordedGraph
  graph?: CompiledGraph
  isEager?: true
}

/**
 * Has a pure step run as one TensorFlow graph, with the variables that it reads and assigns inside the
 * graph's session.
 *
 * With new input shapes the first calls run eagerly and are recorded, operation by operation. Once two
 * recordings in a row are the same, constants included, later calls run the graph. What varies from
 * call to call must be an input or a variable; a constant that varies is noticed, since the recordings
 * differ. Variables may be read and assigned outside at any time: a value moves into the session when
 * it was assigned outside, and out of it when somebody uses it, not otherwise. A step that fails
 * changes nothing.
 *
 * On other backends than the native one, the step runs as it is.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {BackendError} from a call, with `fallback: 'throw'`, when the step can't be captured.
 */
export function compileStep(step: StepFunction, options: CompileStepOptions = {}): CompiledStepGraphs {
  expectKnownOptions('compileStep', options, ['fallback', 'warn', 'maxGraphs', 'name', 'precision'])
  const { fallback = 'warn', warn = emitWarning, maxGraphs = 8, name = 'step', precision = 'float32' } = options
  expectNumber('compileStep', 'maxGraphs', maxGraphs, { min: 1, integer: true })
  expectOneOf('compileStep', 'fallback', fallback, ['warn', 'throw'])
  expectOneOf('compileStep', 'precision', precision, PRECISIONS)
  const captures = new Map<string, Capture>()
  const gone: Transfers = { pushed: 0, pulled: 0 }
  let isDisposed = false

  const drop = (key: string): void => {
    const graph = captures.get(key)?.graph
    captures.delete(key)
    if (!graph) return
    graph.dispose()
    gone.pushed += graph.transfers.pushed
    gone.pulled += graph.transfers.pulled
  }
  const giveUp = (capture: Capture, obstacle: Obstacle): void => {
    const error = notCapturable(name, obstacle, fallback)
    if (fallback === 'throw') throw error
    capture.isEager = true
    warn(error.message)
  }
  const recordOnce = (capture: Capture, inputs: readonly tf.Tensor[]): tf.Tensor[] => {
    const recorder = new GraphRecorder(loadedNativeBackend()!, inputs)
    const { outputs, graph } = recorder.record(() => tf.tidy(() => step(...inputs)))
    capture.recordings += 1
    if (recorder.obstacle) {
      giveUp(capture, recorder.obstacle)
      return outputs
    }
    const difference = capture.last && graph.isSteady ? differenceOf(capture.last, graph) : undefined
    if (capture.last && graph.isSteady && difference === undefined) {
      capture.graph = new CompiledGraph(loadedNativeBackend()!, precision === 'bfloat16' ? useBfloat16(graph) : graph)
      delete capture.last
    } else if (capture.recordings >= maxRecordings) {
      giveUp(capture, { what: difference ?? 'makes variables in every call' })
    } else capture.last = graph
    return outputs
  }

  const call = (...inputs: tf.Tensor[]): tf.Tensor[] => {
    if (isDisposed) {
      throw new BackendError({ who: `Compiled ${name}`, wanted: 'a call before dispose()', got: 'one after it', fix: 'Compile it again.' })
    }
    if (tf.getBackend() !== nativeBackendName) return tf.tidy(() => step(...inputs))
    const key = inputs.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`).join(' ')
    if (captures.get(key)?.graph?.isStale) drop(key)
    const capture = captures.get(key) ?? { recordings: 0 }
    captures.delete(key)
    captures.set(key, capture)
    if (captures.size > maxGraphs) drop([...captures.keys()][0]!)
    if (capture.isEager) return tf.tidy(() => step(...inputs))
    return capture.graph ? capture.graph.run(inputs) : recordOnce(capture, inputs)
  }
  const graphs = () => [...captures.values()].flatMap(({ graph }) => graph ?? [])
  const sum = (of: keyof Transfers) => graphs().reduce((total, graph) => total + graph.transfers[of], gone[of])
  const clear = () => {
    for (const key of [...captures.keys()]) drop(key)
  }
  return Object.defineProperties(
    Object.assign(call, {
      clear,
      dispose: () => {
        clear()
        isDisposed = true
      },
    }),
    {
      graphs: { get: () => graphs().length },
      transfers: { get: () => ({ pushed: sum('pushed'), pulled: sum('pulled') }) },
    },
  ) as unknown as CompiledStepGraphs
}

function notCapturable(name: string, { what, where }: Obstacle, fallback: 'warn' | 'throw'): BackendError {
  return new BackendError({
    who: `compileStep(${name})`,
    wanted: 'a pure function of tensors',
    got: `one that ${what}${where === undefined ? '' : ` (${where})`}`,
    fix: `${fallback === 'warn' ? 'It runs eagerly, slower. ' : ''}See docs/compiled-steps.md for how to keep a step capturable.`,
  })
}

const emitWarning = (message: string): void => {
  process.emitWarning(message)
}
