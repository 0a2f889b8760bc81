import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js'
import { tensorEntries } from '../native/tensor-entries.js'
import { isSame } from './graph-difference.js'
import type { NodeMessage } from './graph-messages.js'
import { letDisposeLazily, type LazyEntry } from './lazy-value.js'
import type { RecordedGraph, ResultFacts } from './recorded-graph.js'

/** Ends a rehearsal from within the step. Who uses one of its tensors later gets it, too. */
class RehearsalEnd extends Error {}

/** Of a tensor without values: who asks for its handle, to compute with it or to read it, calls `end`. */
class ValuelessEntry implements LazyEntry {
  readonly values = null
  readonly lazy = true
  refCount = 1

  constructor(
    readonly shape: number[],
    public dtype: number,
    private readonly end: () => never,
  ) {}

  get id(): number {
    return this.end()
  }
}

/**
 * Running the code of a step without computing anything, to see whether it does what was recorded: as long as it does, its
 * operations give tensors of the recorded shapes that have no values. It ends, by an error from within, with the first
 * operation that is another one, and when somebody asks for a value.
 */
export class Rehearsal {
  readonly #made: object[] = []
  #repeated = 0
  #hasEnded = false

  constructor(
    private readonly backend: NodeJSKernelBackend,
    private readonly recorded: RecordedGraph,
    private readonly results: ReadonlyMap<string, readonly ResultFacts[]>,
  ) {
    letDisposeLazily(backend)
  }

  /**
   * Takes the place of an operation.
   *
   * @param nodes all that were recorded in this rehearsal; the last is the operation
   */
  perform(nodes: readonly NodeMessage[]): tf.Tensor[] {
    for (; this.#repeated < nodes.length; this.#repeated++) {
      if (!isSame(nodes[this.#repeated], this.recorded.nodes[this.#repeated])) this.end()
    }
    return this.results.get(nodes.at(-1)!.name)!.map((facts) => this.#tensor(facts))
  }

  /** Runs `step`; gives what it gives, or `undefined` when it did something else than was recorded, or failed. */
  run<T>(step: () => T): T | undefined {
    const engine = tf.engine()
    const { makeVariable } = engine
    const isOwn = Object.hasOwn(engine, 'makeVariable')
    engine.makeVariable = () => this.end()
    try {
      const result = step()
      return this.#hasEnded ? undefined : result
    } catch {
      return undefined
    } finally {
      if (isOwn) engine.makeVariable = makeVariable
      else Reflect.deleteProperty(engine, 'makeVariable')
    }
  }

  /** Nodes of the recording that were repeated so far. */
  get repeated(): number {
    return this.#repeated
  }

  /** Whether somebody still holds a tensor without values, such as one that the step keeps in a field. */
  get isHeld(): boolean {
    return this.#made.some((dataId) => tensorEntries(this.backend).has(dataId))
  }

  readonly end = (): never => {
    this.#hasEnded = true
    throw new RehearsalEnd('This tensor has no values: it was made while a compiled step was compared with what was captured.')
  }

  #tensor({ shape, dtype, typeNumber }: ResultFacts): tf.Tensor {
    const dataId = {}
    tensorEntries(this.backend).set(dataId, new ValuelessEntry([...shape], typeNumber, this.end))
    this.#made.push(dataId)
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype })
  }
}
