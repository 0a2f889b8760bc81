import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { decodeSavedModel } from '../compile/graph-messages.js'
import { loadedNativeBackend, nativeBackendName } from '../native/loaded-native-backend.js'
import { Stopwatch, type Timed } from './stopwatch.js'

/** What a run of a compiled graph was for: a step, or moving weights into its session or out of it. */
export type GraphRunKind = 'step' | 'weights in' | 'weights out'

/** Is told of every call into TensorFlow, after it. */
export interface BackendObserver {
  /** One operation ran by itself. */
  operation(name: string, timed: Timed): void
  /** Values of a tensor were read on the host. */
  read(timed: Timed): void
  /** A graph was made a session of its own; `operations` are the types of those in it that compute something. */
  graphLoaded(id: number, operations: readonly string[], timed: Timed): void
  /** A session ran. */
  graphRun(id: number, kind: GraphRunKind, timed: Timed): void
}

const OBSERVED = ['executeSingleOutput', 'executeMultipleOutputs', 'readSync', 'loadSavedModelMetaGraph', 'runSavedModel'] as const

/** What computes nothing: constants, inputs, variables and what only orders or renames. */
const PASSIVE = new Set(['Const', 'Placeholder', 'VarHandleOp', 'ReadVariableOp', 'AssignVariableOp', 'Identity', 'NoOp'])

/**
 * Watches the native backend's doors to TensorFlow, until the function that it returns is called. What is observed twice
 * is told to both; the last to begin is the first to end.
 *
 * @returns `undefined` where another backend is in use: its calls can't be seen.
 */
export function observeBackend(observer: BackendObserver): (() => void) | undefined {
  const backend = loadedNativeBackend()
  if (!backend || tf.getBackend() !== nativeBackendName) return undefined
  const stopwatch = new Stopwatch()
  const { executeSingleOutput, executeMultipleOutputs, readSync, loadSavedModelMetaGraph, runSavedModel } = backend
  const own = Object.fromEntries(OBSERVED.filter((name) => Object.hasOwn(backend, name)).map((name) => [name, backend[name]]))

  backend.executeSingleOutput = (name, attributes, inputs) =>
    stopwatch.time(
      () => executeSingleOutput.call(backend, name, attributes, inputs),
      (timed) => {
        observer.operation(name, timed)
      },
    )
  backend.executeMultipleOutputs = (name, attributes, inputs, count) =>
    stopwatch.time(
      () => executeMultipleOutputs.call(backend, name, attributes, inputs, count),
      (timed) => {
        observer.operation(name, timed)
      },
    )
  backend.readSync = (dataId) =>
    stopwatch.time(
      () => readSync.call(backend, dataId),
      (timed) => {
        observer.read(timed)
      },
    )
  backend.loadSavedModelMetaGraph = (folder, tags) => {
    const nodes = decodeSavedModel(readFileSync(join(folder, 'saved_model.pb')))
    const operations = nodes.map(({ op }) => op).filter((op) => !PASSIVE.has(op))
    let id = -1
    return stopwatch.time(
      () => (id = loadSavedModelMetaGraph.call(backend, folder, tags)),
      (timed) => {
        observer.graphLoaded(id, operations, timed)
      },
    )
  }
  backend.runSavedModel = (id, inputs, infos, fetches) =>
    stopwatch.time(
      () => runSavedModel.call(backend, id, inputs, infos, fetches),
      (timed) => {
        observer.graphRun(id, kindOf(fetches), timed)
      },
    )
  return () => {
    for (const name of OBSERVED) Reflect.deleteProperty(backend, name)
    Object.assign(backend, own)
  }
}

/** By the names that session-graph.ts gives. */
function kindOf([first = '']: readonly string[]): GraphRunKind {
  if (first.endsWith('/pushed:0')) return 'weights in'
  return first.endsWith('/read:0') ? 'weights out' : 'step'
}
