import * as tf from '@tensorflow/tfjs-core'
import type { InPlaceUpdate } from '@metric-learning/ops'
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js'
import type { TFEOpAttr } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js'
import { attributeMessage } from './attribute-message.js'
import { callerLine } from './caller-line.js'
import { constantNode, scalarValue, type ConstantValue } from './constant-node.js'
import { shapeMessage, type AttributeMessage, type NodeMessage } from './graph-messages.js'
import { inPlaceNodes } from './in-place-nodes.js'
import { inferredAttributes } from './inferred-attributes.js'
import type { Obstacle, RecordedGraph, RecordedUpdate, ResultFacts } from './recorded-graph.js'
import type { Rehearsal } from './rehearsal.js'
import { tensorEntries, type TensorEntry } from '../native/tensor-entries.js'
import { tensorValue } from './tensor-value.js'

/**
 * Writes down every TensorFlow operation that runs during {@link record}, and where its inputs
 * come from: inputs become placeholders, variables that are read become resource variables,
 * every other tensor from outside a constant.
 */
export class GraphRecorder {
  static readonly #active = new WeakMap<NodeJSKernelBackend, GraphRecorder>()

  /** The recorder of what `backend` is doing; `undefined` when nobody records. */
  static active(backend: NodeJSKernelBackend): GraphRecorder | undefined {
    return this.#active.get(backend)
  }

  readonly #nodes: NodeMessage[] = []
  /** `producer:output` of each tensor, by data id. Holding the ids keeps them from being used again. */
  readonly #sources = new Map<object, string>()
  readonly #handles = new Map<tf.Variable, string>()
  /** Variables by the data id they had before the step. */
  readonly #variables = new Map<object, tf.Variable>()
  readonly #dataIds = new Map<tf.Variable, object>()
  readonly #updates: RecordedUpdate[] = []
  /** By the name of the operation. */
  readonly #results = new Map<string, readonly ResultFacts[]>()
  readonly #inputs: string[]
  readonly #readSync: NodeJSKernelBackend['readSync']
  #obstacle: Obstacle | undefined

  /** @param rehearsal takes the place of TensorFlow, so that nothing is computed */
  constructor(
    private readonly backend: NodeJSKernelBackend,
    inputs: readonly tf.Tensor[],
    private readonly rehearsal?: Rehearsal,
  ) {
    this.#readSync = backend.readSync.bind(backend)
    for (const variable of registeredVariables()) {
      this.#variables.set(variable.dataId, variable)
      this.#dataIds.set(variable, variable.dataId)
    }
    this.#inputs = inputs.map((input, i) => this.#placeholder(`input${i}`, input))
  }

  /** The first thing that can't be part of a graph; `undefined` as long as there is none. */
  get obstacle(): Obstacle | undefined {
    return this.#obstacle
  }

  /** Of what was recorded: what each operation gave, by its name. */
  get results(): ReadonlyMap<string, readonly ResultFacts[]> {
    return this.#results
  }

  /** Runs `step` eagerly and records it; returns what it returned. */
  record(step: () => tf.Tensor[]): { readonly outputs: tf.Tensor[]; readonly graph: RecordedGraph } {
    const { backend } = this
    const single = backend.executeSingleOutput
    const multiple = backend.executeMultipleOutputs
    const readSync = backend.readSync
    backend.executeSingleOutput = (name, attributes, inputs) =>
      this.#operation(name, attributes, inputs, () => [single.call(backend, name, attributes, inputs)])[0]!
    backend.executeMultipleOutputs = (name, attributes, inputs, count) =>
      this.#operation(name, attributes, inputs, () => multiple.call(backend, name, attributes, inputs, count))
    backend.readSync = (dataId) => {
      this.#noticeRead(dataId)
      return readSync.call(backend, dataId)
    }
    GraphRecorder.#active.set(backend, this)
    try {
      const outputs = step()
      return { outputs, graph: this.#graph(outputs) }
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
    const handles = variables.map((variable) => this.#handle(variable))
    this.#updates.push({
      handles,
      next: next.map((value) => this.#source(value)),
      nodes: inPlaceNodes(rule, handles, this.#source(gradient), (value) =>
        typeof value === 'number' ? this.#constant(scalarValue(value)) : this.#source(value),
      ),
    })
  }

  #graph(outputs: readonly tf.Tensor[]): RecordedGraph {
    const assigned = [...this.#dataIds].filter(([variable, dataId]) => !variable.isDisposed && variable.dataId !== dataId)
    const results = assigned.map(([variable]) => [variable, this.#source(variable)] as const)
    const assignments = new Map(results.map(([variable, source]) => [variable, source]))
    for (const [variable] of results) this.#handle(variable)
    return {
      outputs: outputs.map((output) => this.#source(output)),
      outputTypes: outputs.map((output) => this.#facts(output).dtype),
      inputs: this.#inputs,
      variables: [...this.#handles].map(([variable, handle]) => {
        const source = assignments.get(variable)
        return { variable, handle, ...(source === undefined ? {} : { assigned: source }) }
      }),
      updates: this.#updates,
      isSteady: registeredVariables().every((variable) => this.#dataIds.has(variable)),
      nodes: this.#nodes,
    }
  }

  #operation(name: string, attributes: readonly TFEOpAttr[], inputs: readonly tf.TensorInfo[], execute: () => tf.Tensor[]): tf.Tensor[] {
    const sources = inputs.map((tensor) => ({ from: this.#source(tensor), dtype: this.#facts(tensor).dtype }))
    const given = attributes.map((attribute) => [attribute.name, attributeMessage(this.backend.binding, attribute)] as const)
    const attr = { ...inferredAttributes(name, sources.map(({ dtype }) => dtype)), ...Object.fromEntries(given) }
    const node = this.#node(name, name, sources.map(({ from }) => from), attr)
    const outputs = this.rehearsal ? this.rehearsal.perform(this.#nodes) : execute()
    outputs.forEach((output, i) => this.#sources.set(output.dataId, `${node}:${i}`))
    this.#results.set(node, outputs.map((output) => ({ shape: output.shape, dtype: output.dtype, typeNumber: this.#facts(output).dtype })))
    return outputs
  }

  #source(tensor: tf.TensorInfo): string {
    const known = this.#sources.get(tensor.dataId)
    if (known !== undefined) return known
    const variable = this.#variables.get(tensor.dataId)
    const source = variable ? `${this.#handle(variable)}/read:0` : this.#constant(tensorValue(this.backend, tensor.dataId, this.#readSync))
    this.#sources.set(tensor.dataId, source)
    return source
  }

  #handle(variable: tf.Variable): string {
    const known = this.#handles.get(variable)
    if (known !== undefined) return known
    const handle = `variable${this.#handles.size}`
    this.#handles.set(variable, handle)
    const dtype = { type: this.#facts(variable).dtype }
    const shape = { shape: shapeMessage(variable.shape) }
    const name = { s: new TextEncoder().encode(handle) }
    this.#nodes.push({ name: handle, op: 'VarHandleOp', input: [], attr: { dtype, shape, shared_name: name } })
    this.#nodes.push({ name: `${handle}/read`, op: 'ReadVariableOp', input: [handle], attr: { dtype } })
    return handle
  }

  #placeholder(name: string, tensor: tf.Tensor): string {
    const { dtype, shape } = this.#facts(tensor)
    this.#nodes.push({ name, op: 'Placeholder', input: [], attr: { dtype: { type: dtype }, shape: { shape: shapeMessage(shape) } } })
    this.#sources.set(tensor.dataId, `${name}:0`)
    return name
  }

  #constant(value: ConstantValue): string {
    const node = constantNode(`Const_${this.#nodes.length}`, value)
    this.#nodes.push(node)
    return `${node.name}:0`
  }

  #node(prefix: string, op: string, input: readonly string[], attr: Readonly<Record<string, AttributeMessage>>): string {
    const name = `${prefix}_${this.#nodes.length}`
    this.#nodes.push({ name, op, input, attr })
    return name
  }

  #facts({ dataId }: tf.TensorInfo): TensorEntry {
    return tensorEntries(this.backend).get(dataId)
  }

  #noticeRead(dataId: object): void {
    const source = this.#sources.get(dataId) ?? (this.#variables.has(dataId) ? 'a variable' : undefined)
    if (source === undefined || source.startsWith('Const_')) return
    const where = callerLine()
    this.#obstacle ??= {
      what: `reads the result of ${source.replace(/_\d+:\d+$/, '')} on the host`,
      ...(where === undefined ? {} : { where }),
    }
  }
}

const registeredVariables = (): tf.Variable[] =>
  Object.values(tf.engine().state.registeredVariables as Readonly<Record<string, tf.Variable>>)
