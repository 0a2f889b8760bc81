import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { tensorEntries } from '../native/tensor-entries.js'
import { isSame } from './graph-difference.js'
import type { ConstantValue } from './constant-node.js'
import type { NodeMessage } from './graph-messages.js'
import { letDisposeLazily, type LazyEntry } from './lazy-value.js'
import type { Line, LineTaker, OperationCall, Result, Script, Source } from './script.js'

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
 * Running the code of a step without computing anything, to see whether it does what is in a script: as long as it does, its
 * operations give tensors of the recorded shapes that have no values. It ends, by an error from within, with the first
 * line that is another one, and when somebody asks for a value.
 *
 * Nothing is written down again: sources are those of the script, so that equal ones are one and the same object.
 */
export class Rehearsal implements LineTaker {
  readonly #made: object[] = []
  /** Lines that were repeated so far. */
  #at = 0
  #hasEnded = false

  constructor(
    private readonly backend: NodeJSKernelBackend,
    private readonly script: Script,
  ) {
    letDisposeLazily(backend)
  }

  input(shape: readonly number[], type: number): Source {
    const line = this.#next('input')
    return isSame(shape, line.shape) && type === line.source.type ? line.source : this.end()
  }

  variable(variable: tf.Variable): Source {
    const line = this.#next('variable')
    return variable === line.variable ? line.source : this.end()
  }

  constant(value: ConstantValue): Source {
    const line = this.#next('constant')
    return isSameConstant(value, line.value) ? line.source : this.end()
  }

  operation(call: OperationCall): { outputs: tf.Tensor[]; results: readonly Result[] } {
    const line = this.#next('operation')
    if (!isSameCall(call, line.call)) this.end()
    return { outputs: line.results.map((result) => this.#tensor(result)), results: line.results }
  }

  /** All of the script once the last line was repeated; nothing before. */
  get nodes(): readonly NodeMessage[] {
    return this.#at === this.script.lines.length ? this.script.nodes : []
  }

  /** Runs `step`; gives what it gives, or `undefined` when it did something else than is in the script, or failed. */
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

  /** Whether somebody still holds a tensor without values, such as one that the step keeps in a field. */
  get isHeld(): boolean {
    return this.#made.some((dataId) => tensorEntries(this.backend).has(dataId))
  }

  readonly end = (): never => {
    this.#hasEnded = true
    throw new RehearsalEnd('This tensor has no values: it was made while a compiled step was compared with what was captured.')
  }

  #next<K extends Line['kind']>(kind: K): Extract<Line, { kind: K }> {
    const line = this.script.lines[this.#at++]
    return line?.kind === kind ? (line as Extract<Line, { kind: K }>) : this.end()
  }

  #tensor({ shape, dtype, type }: Result): tf.Tensor {
    const dataId = {}
    tensorEntries(this.backend).set(dataId, new ValuelessEntry(shape as number[], type, this.end))
    this.#made.push(dataId)
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape: shape as number[], dtype })
  }
}

const isSameConstant = (one: ConstantValue, other: ConstantValue): boolean =>
  one.dtype === other.dtype && isSame(one.shape, other.shape) && Buffer.compare(one.bytes, other.bytes) === 0

const isSameCall = (one: OperationCall, other: OperationCall): boolean =>
  one.op === other.op &&
  one.inputs.length === other.inputs.length &&
  one.inputs.every((source, i) => source === other.inputs[i]) &&
  one.attributes.length === other.attributes.length &&
  one.attributes.every((attribute, i) => {
    const { name, type, value } = other.attributes[i]!
    return attribute.name === name && attribute.type === type && isSame(attribute.value, value)
  })
