import { NonFiniteError } from '@metric-learning/contracts'
import type { WatchedResults } from '@metric-learning/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { asNonFiniteError } from '../fused-kernels/expect-finite.js'
import { GraphSession } from './graph-session.js'
import { removeDeadNodes } from './passes/remove-dead-nodes.js'
import { updateInPlace } from './passes/update-in-place.js'
import { checksOf, sortedOutputs, type RecordedGraph } from './recorded-graph.js'
import { ResidentVariables, type Transfers } from './resident-variables.js'
import { names, sessionGraph } from './session-graph.js'

/** A recorded step, ready to run as a whole. */
export class CompiledGraph {
  readonly #session: GraphSession
  readonly #variables: ResidentVariables
  /** Of a run; the asides come last. */
  readonly #results: readonly string[]
  readonly #asides: readonly string[]
  readonly #graph: RecordedGraph

  constructor(backend: NodeJSKernelBackend, recorded: RecordedGraph) {
    // Constants are not folded here: TensorFlow does it itself when a session first runs.
    this.#graph = removeDeadNodes(updateInPlace(recorded))
    this.#session = new GraphSession(backend, sessionGraph(this.#graph))
    this.#variables = new ResidentVariables(backend, this.#session, this.#graph.variables)
    const { results } = sortedOutputs(recorded)
    const fetches = recorded.outputs.map((_, i) => names.output(i))
    this.#results = results.length === 0 ? [names.done] : fetches.slice(0, results.length)
    this.#asides = fetches.slice(results.length)
  }

  /** Operations left of those that were recorded. */
  get size(): number {
    return this.#graph.nodes.length
  }

  /** True when a variable it needs was disposed. */
  get isStale(): boolean {
    return this.#variables.areDisposed
  }

  /** Values moved between tfjs and the session so far. */
  get transfers(): Readonly<Transfers> {
    return this.#variables.transfers
  }

  /** @throws {NonFiniteError} when a check of the step fails. */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[] {
    return this.#run(inputs, this.#results)
  }

  /** The same with the asides, which nothing computes otherwise. */
  watch(inputs: readonly tf.Tensor[]): WatchedResults {
    const outputs = this.#run(inputs, [...this.#results, ...this.#asides])
    const results = outputs.length - this.#asides.length
    return { results: outputs.slice(0, results), asides: outputs.slice(results) }
  }

  #run(inputs: readonly tf.Tensor[], fetches: readonly string[]): tf.Tensor[] {
    this.#variables.enter()
    const outputs = this.#fetch(inputs, fetches)
    this.#variables.leave()
    if (fetches[0] === names.done) tf.dispose(outputs.shift()!)
    return outputs
  }

  #fetch(inputs: readonly tf.Tensor[], fetches: readonly string[]): tf.Tensor[] {
    const feeds = new Map(this.#graph.inputs.map((name, i) => [name, inputs[i]!]))
    try {
      return this.#session.run(feeds, fetches)
    } catch (error) {
      throw this.#failedCheck(feeds) ?? asNonFiniteError(error)
    }
  }

  /** The error of a check that fails by itself: in the step, another operation may stumble over a NaN before it. */
  #failedCheck(feeds: ReadonlyMap<string, tf.Tensor>): NonFiniteError | undefined {
    const checks = checksOf(this.#graph)
    if (checks.length === 0) return undefined
    try {
      tf.dispose(this.#session.run(feeds, checks))
    } catch (error) {
      const failure = asNonFiniteError(error)
      if (failure instanceof NonFiniteError) return failure
    }
    return undefined
  }

  /** Brings all values home and closes the session. */
  dispose(): void {
    this.#variables.pull()
    this.#session.close()
  }
}
