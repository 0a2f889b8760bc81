import * as tf from '@tensorflow/tfjs-core'
import type { InPlaceUpdate } from '@metric-learning/ops'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import type { TFEOpAttr } from '#tfjs-node/tfjs_binding.js'
import { callerLine } from './caller-line.js'
import { scalarValue } from './constant-node.js'
import { inPlaceNodes } from './in-place-nodes.js'
import type { Obstacle, RecordedGraph, RecordedUpdate } from './recorded-graph.js'
import { ScriptWriter } from './script-writer.js'
import type { LineTaker, Source } from './script.js'
import { tensorEntries, type TensorEntry } from '../native/tensor-entries.js'
import { tensorView } from './tensor-value.js'

/**
 * Sees every TensorFlow operation that runs during {@link record}, and where its inputs
 * come from: inputs become placeholders, variables that are read become resource variables,
 * every other tensor from outside a constant.
 */
export class GraphRecorder {
  static readonly #active = new WeakMap<NodeJSKernelBackend, GraphRecorder>()

  /** The recorder of what `backend` is doing; `undefined` when nobody records. */
  static active(backend: NodeJSKernelBackend): GraphRecorder | undefined {
    return this.#active.get(backend)
  }

  /** Of each tensor, by data id. Holding the ids keeps them from being used again. */
  readonly #sources = new Map<object, Source>()
  readonly #handles = new Map<tf.Variable, { readonly handle: string; readonly value: Source }>()
  /** Of numbers that updates in place take. */
  readonly #scalars = new Map<number, Source>()
  /** Variables by the data id they had before the step. */
  readonly #variables = new Map<object, tf.Variable>()
  readonly #dataIds = new Map<tf.Variable, object>()
  readonly #updates: RecordedUpdate[] = []
  readonly #readSync: NodeJSKernelBackend['readSync']
  #obstacle: Obstacle | undefined

  /** @param taker gets what is seen: writes it down, or rehearses it */
  constructor(
    private readonly backend: NodeJSKernelBackend,
    private readonly inputs: readonly tf.Tensor[],
    private readonly taker: LineTaker = new ScriptWriter(backend),
  ) {
    this.#readSync = backend.readSync.bind(backend)
    for (const variable of registeredVariables()) {
      if (this.#variables.has(variable.dataId)) unshare(variable)
      this.#variables.set(variable.dataId, variable)
      this.#dataIds.set(variable, variable.dataId)
    }
  }

  /** The first thing that can't be part of a graph; `undefined` as long as there is none. */
  get obstacle(): Obstacle | undefined {
    return this.#obstacle
  }

  /** Runs `step` and records it; returns what it returned. */
  record(step: () => tf.Tensor[]): { readonly outputs: tf.Tensor[]; readonly graph: RecordedGraph } {
    const { backend } = this
    const inputs = this.inputs.map((input, i) => this.#input(`input${i}`, input))
    const single = backend.executeSingleOutput
    const multiple = backend.executeMultipleOutputs
    const readSync = backend.readSync
    backend.executeSingleOutput = (name, attributes, tensors) =>
      this.#operation(name, attributes, tensors, () => [single.call(backend, name, attributes, tensors)])[0]!
    backend.executeMultipleOutputs = (name, attributes, tensors, count) =>
      this.#operation(name, attributes, tensors, () => multiple.call(backend, name, attributes, tensors, count))
    backend.readSync = (dataId) => {
      this.#noticeRead(dataId)
      return readSync.call(backend, dataId)
    }
    GraphRecorder.#active.set(backend, this)
    try {
      const outputs = step()
      return { outputs, graph: this.#graph(inputs, outputs) }
    } finally {
      GraphRecorder.#active.delete(backend)
      backend.executeSingleOutput = single
      backend.executeMultipleOutputs = multiple
      backend.readSync = readSync
    }
  }

  /** Takes down an update that could be done in place: of variables that nobody has assigned in this step yet. */
  note({ rule, variables, gradient, next }: InPlaceUpdate): void {
    if (variables.some(({ dataId }) => !this.#variables.has(dataId))) return
    const handles = variables.map((variable) => this.#variable(variable).handle)
    const sourceOf = (value: tf.Tensor | number) => (typeof value === 'number' ? this.#scalar(value) : this.#source(value)).name
    const handleOf = (variable: tf.Variable) => this.#variable(variable).handle
    this.#updates.push({
      handles,
      next: next.map(sourceOf),
      ...(rule.name === 'average' && { after: { handle: handleOf(rule.of), value: sourceOf(rule.of) } }),
      nodes: inPlaceNodes(rule, handles, gradient ? sourceOf(gradient) : '', sourceOf, handleOf),
    })
  }

  #graph(inputs: readonly string[], outputs: readonly tf.Tensor[]): RecordedGraph {
    const assigned = [...this.#dataIds.keys()].filter((variable) => !variable.isDisposed && variable.dataId !== this.#dataIds.get(variable))
    const assignments = new Map(assigned.map((variable) => [variable, this.#source(variable).name]))
    for (const variable of assigned) this.#variable(variable)
    return {
      outputs: outputs.map((output) => this.#source(output).name),
      outputTypes: outputs.map((output) => this.#source(output).type),
      inputs,
      variables: [...this.#handles].map(([variable, { handle }]) => {
        const source = assignments.get(variable)
        return { variable, handle, ...(source === undefined ? {} : { assigned: source }) }
      }),
      updates: this.#updates,
      isSteady: registeredVariables().every((variable) => this.#dataIds.has(variable)),
      nodes: this.taker.nodes,
    }
  }

  #operation(op: string, attributes: readonly TFEOpAttr[], tensors: readonly tf.TensorInfo[], execute: () => tf.Tensor[]): tf.Tensor[] {
    const call = { op, attributes, inputs: tensors.map((tensor) => this.#source(tensor)) }
    const { outputs, results } = this.taker.operation(call, execute)
    outputs.forEach((output, i) => this.#sources.set(output.dataId, results[i]!))
    return outputs
  }

  #source(tensor: tf.TensorInfo): Source {
    const known = this.#sources.get(tensor.dataId)
    if (known !== undefined) return known
    const variable = this.#variables.get(tensor.dataId)
    const source = variable ? this.#variable(variable).value : this.taker.constant(tensorView(this.backend, tensor.dataId, this.#readSync))
    this.#sources.set(tensor.dataId, source)
    return source
  }

  #variable(variable: tf.Variable): { readonly handle: string; readonly value: Source } {
    const known = this.#handles.get(variable)
    if (known !== undefined) return known
    const handle = `variable${this.#handles.size}`
    const added = { handle, value: this.taker.variable(variable, this.#facts(variable).dtype, handle) }
    this.#handles.set(variable, added)
    return added
  }

  #input(name: string, tensor: tf.Tensor): string {
    const { dtype, shape } = this.#facts(tensor)
    this.#sources.set(tensor.dataId, this.taker.input(shape, dtype, name))
    return name
  }

  #scalar(value: number): Source {
    const source = this.#scalars.get(value) ?? this.taker.constant(scalarValue(value))
    this.#scalars.set(value, source)
    return source
  }

  #facts({ dataId }: tf.TensorInfo): TensorEntry {
    return tensorEntries(this.backend).get(dataId)
  }

  #noticeRead(dataId: object): void {
    const source = this.#sources.get(dataId)?.name ?? (this.#variables.has(dataId) ? 'a variable' : undefined)
    if (source === undefined || source.startsWith('Const_')) return
    const where = callerLine()
    this.#obstacle ??= {
      what: `reads the result of ${source.replace(/_\d+:\d+$/, '')} on the host`,
      ...(where === undefined ? {} : { where }),
    }
  }
}

/** Gives a variable a copy of its value: whose one is that two variables share, as after `a.assign(tf.clone(b))`, could not be told in the step. */
function unshare(variable: tf.Variable): void {
  const { shape, dtype } = variable
  tf.tidy(() => {
    variable.assign(tf.tensor(variable.dataSync().slice(), shape, dtype))
  })
}

const registeredVariables = (): tf.Variable[] =>
  Object.values(tf.engine().state.registeredVariables as Readonly<Record<string, tf.Variable>>)
