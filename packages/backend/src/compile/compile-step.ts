import * as tf from '@tensorflow/tfjs-core'
import { BackendError, expectKnownOptions, expectNumber, expectOneOf } from '@metric-learning/contracts'
import { PRECISIONS, runEagerly, watchEagerly, type CompiledStep, type CompileOptions, type StepFunction } from '@metric-learning/ops'
import { nativeBackendName } from '../native/loaded-native-backend.js'
import { Crowding } from './crowding.js'
import type { Transfers } from './resident-variables.js'
import { StepCapture, type CaptureOptions } from './step-capture.js'

/** Options of {@link compileStep}. */
export type CompileStepOptions = CompileOptions

/** Combinations of input shapes of which it is known how they went, for each graph kept. */
const remembered = 32

/** What {@link compileStep} gives. */
export interface CompiledStepGraphs extends CompiledStep {
  /** Graphs that run as a whole by now. */
  readonly graphs: number
  /** Values of variables moved between tfjs and the sessions so far. */
  readonly transfers: Readonly<Transfers>
}

/**
 * Has a pure step run as one TensorFlow graph, with the variables that it reads and assigns inside the
 * graph's session.
 *
 * With new input shapes the step is recorded first, operation by operation: run eagerly, after which every variable gets its
 * value back. Once two recordings in a row are the same, constants included, the graph takes this call and all later ones: every
 * update is a graph's. Variables may be read and assigned outside at any time: a value moves into the session when it was
 * assigned outside, and out of it when somebody uses it, not otherwise. A step that fails changes nothing.
 *
 * What the step does must follow from its inputs and variables. Plain values that it depends on besides may change now and then:
 * those in `guarded` are compared before each run, and the step is recorded again and compared with the graph after 1, 10, 20,
 * 40, ... runs and after `verify()`. If it does something else by then, a new graph takes that very call, and those of other
 * shapes are compared in their next.
 *
 * On other backends than the native one, the step runs as it is.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {BackendError} from a call, with `fallback: 'throw'`, when the step can't be captured.
 */
export function compileStep(step: StepFunction, options: CompileStepOptions = {}): CompiledStepGraphs {
  expectKnownOptions('compileStep', options, ['fallback', 'warn', 'maxGraphs', 'name', 'precision', 'guarded', 'onChange', 'watched'])
  const { maxGraphs, onChange, ...captureOptions } = withDefaults(step, options)
  /** In order of use. Those beyond `maxGraphs` have no graph, and know what was decided about their shapes. */
  const captures = new Map<string, StepCapture>()
  const crowding = new Crowding(captureOptions, maxGraphs)
  const gone: Transfers = { pushed: 0, pulled: 0 }
  let isDisposed = false

  const drop = (key: string): void => {
    const capture = captures.get(key)!
    captures.delete(key)
    capture.dispose()
    gone.pushed += capture.transfers.pushed
    gone.pulled += capture.transfers.pulled
  }
  /** Lets go of the graph that was unused longest, where there is no room for another one. */
  const makeRoom = (): void => {
    const captured = [...captures.values()].filter(({ isCaptured }) => isCaptured)
    if (captured.length < maxGraphs) return
    captured[0]!.dispose()
    crowding.note([...captures.keys()])
  }
  // What one graph shows of the step may hold for all.
  const noteChange = (by: StepCapture): void => {
    for (const other of captures.values()) if (other !== by) other.verify()
    onChange()
  }
  /** What stands for the step with these inputs; nothing on another backend. */
  const captureFor = (inputs: readonly tf.Tensor[]): StepCapture | undefined => {
    if (isDisposed) {
      throw new BackendError({
        who: `Compiled ${captureOptions.name}`,
        wanted: 'a call before dispose()',
        got: 'one after it',
        fix: 'Compile it again.',
      })
    }
    if (tf.getBackend() !== nativeBackendName) return undefined
    const key = inputs.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`).join(' ')
    const capture = captures.get(key) ?? new StepCapture(captureOptions, noteChange)
    captures.delete(key)
    captures.set(key, capture)
    crowding.count()
    if (captures.size > remembered * maxGraphs) drop([...captures.keys()][0]!)
    if (!capture.isCaptured && !capture.isEager) makeRoom()
    return capture
  }
  const call = (...inputs: tf.Tensor[]) => captureFor(inputs)?.run(inputs) ?? runEagerly(step, inputs)
  const all = () => [...captures.values()]
  const sum = (of: keyof Transfers) => all().reduce((total, { transfers }) => total + transfers[of], gone[of])
  const clear = () => {
    for (const key of [...captures.keys()]) drop(key)
  }
  return Object.defineProperties(
    Object.assign(call, {
      watch: (...inputs: tf.Tensor[]) => captureFor(inputs)?.watch(inputs) ?? watchEagerly(captureOptions.watched, inputs),
      clear,
      verify: () => {
        for (const capture of captures.values()) capture.verify()
      },
      dispose: () => {
        clear()
        isDisposed = true
      },
    }),
    {
      graphs: { get: () => all().filter(({ isCaptured }) => isCaptured).length },
      transfers: { get: () => ({ pushed: sum('pushed'), pulled: sum('pulled') }) },
    },
  ) as unknown as CompiledStepGraphs
}

/** What was said of a step already, however often it is compiled. */
const warnings = new WeakMap<StepFunction, Set<string>>()

function withDefaults(step: StepFunction, options: CompileStepOptions): CaptureOptions & Required<Pick<CompileStepOptions, 'maxGraphs' | 'onChange'>> {
  const { fallback = 'warn', warn = emitWarning, maxGraphs = 8, name = 'step', precision = 'float32', guarded = {} } = options
  const { onChange = () => undefined, watched = (...inputs: tf.Tensor[]) => ({ results: step(...inputs), asides: [] }) } = options
  expectNumber('compileStep', 'maxGraphs', maxGraphs, { min: 1, integer: true })
  expectOneOf('compileStep', 'fallback', fallback, ['warn', 'throw'])
  expectOneOf('compileStep', 'precision', precision, PRECISIONS)
  const said = warnings.get(step) ?? new Set()
  warnings.set(step, said)
  const warnOnce = (message: string): void => {
    if (!said.has(message)) warn(message)
    said.add(message)
  }
  return { step, watched, name, precision, fallback, warn: warnOnce, maxGraphs, guarded, onChange }
}

const emitWarning = (message: string): void => {
  process.emitWarning(message)
}
