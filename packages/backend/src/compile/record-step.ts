import { VariableSnapshot, type WatchedStepFunction } from '@metric-learning/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { differenceOf } from './graph-difference.js'
import { GraphRecorder } from './graph-recorder.js'
import type { Obstacle, RecordedGraph } from './recorded-graph.js'
import { Rehearsal } from './rehearsal.js'
import { ScriptWriter } from './script-writer.js'
import type { Script } from './script.js'

/** What a recording found. */
export interface Recording {
  readonly graph: RecordedGraph
  /** What a rehearsal goes by. */
  readonly script: Script
  /** Why the graph does not stand for the step; absent where it does. */
  readonly obstacle?: Obstacle
}

/**
 * Runs a step eagerly to see what it does, and leaves no trace of it among tensors: its results are disposed, every variable
 * gets its value back, a new one the value that it was made with.
 *
 * @throws whatever the step throws.
 */
export function recordStep(backend: NodeJSKernelBackend, step: WatchedStepFunction, inputs: readonly tf.Tensor[]): Recording {
  const script = new ScriptWriter(backend)
  const recorder = new GraphRecorder(backend, inputs, script)
  const graph = withoutTrace(() => recordedBy(recorder, step, inputs))
  const { obstacle } = recorder
  return obstacle ? { graph, script, obstacle } : { graph, script }
}

/**
 * Whether a step does what was recorded of it, found out without computing anything, see {@link Rehearsal}. `false` means that
 * it does not, or that a recording has to tell.
 */
export function repeatsStep(
  backend: NodeJSKernelBackend,
  step: WatchedStepFunction,
  inputs: readonly tf.Tensor[],
  { graph: recorded, script }: Recording,
): boolean {
  const rehearsal = new Rehearsal(backend, script)
  const recorder = new GraphRecorder(backend, inputs, rehearsal)
  const graph = withoutTrace(() => rehearsal.run(() => recordedBy(recorder, step, inputs)))
  if (!graph || recorder.obstacle || rehearsal.isHeld) return false
  return graph.isSteady && differenceOf(recorded, graph) === undefined
}

function recordedBy(recorder: GraphRecorder, step: WatchedStepFunction, inputs: readonly tf.Tensor[]): RecordedGraph {
  let asideCount = 0
  const { graph } = recorder.record(() => {
    const { results, asides } = step(...inputs)
    asideCount = asides.length
    return [...results, ...asides]
  })
  return { ...graph, asides: asideCount }
}

/** Does some work, disposes all tensors that are left of it, and puts every variable back. */
function withoutTrace<T>(work: () => T): T {
  return VariableSnapshot.puttingBack(() => {
    try {
      let result!: T
      tf.tidy(() => {
        result = work()
      })
      return result
    } finally {
      disposeTape()
    }
  })
}

/** tfjs keeps what a gradient has saved when an error ends it half way. */
function disposeTape(): void {
  const { state } = tf.engine()
  if (state.gradientDepth > 0 || !state.activeTape) return
  tf.dispose(state.activeTape.flatMap(({ saved }) => saved ?? []))
  state.activeTape = null as never
}
