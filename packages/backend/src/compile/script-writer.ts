import type * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { tensorEntries } from '../native/tensor-entries.js'
import { attributeMessage } from './attribute-message.js'
import { constantNode, type ConstantValue } from './constant-node.js'
import { shapeMessage, type NodeMessage } from './graph-messages.js'
import { inferredAttributes } from './inferred-attributes.js'
import type { Line, LineTaker, OperationCall, Result, Script, Source } from './script.js'

/** Writes down what a step does, while it is done. */
export class ScriptWriter implements LineTaker, Script {
  readonly lines: Line[] = []
  readonly nodes: NodeMessage[] = []

  constructor(private readonly backend: NodeJSKernelBackend) {}

  input(shape: readonly number[], type: number, name: string): Source {
    this.nodes.push({ name, op: 'Placeholder', input: [], attr: { dtype: { type }, shape: { shape: shapeMessage(shape) } } })
    const source = { name: `${name}:0`, type }
    this.lines.push({ kind: 'input', shape, source })
    return source
  }

  variable(variable: tf.Variable, type: number, handle: string): Source {
    const dtype = { type }
    const shape = { shape: shapeMessage(variable.shape) }
    const name = { s: new TextEncoder().encode(handle) }
    this.nodes.push({ name: handle, op: 'VarHandleOp', input: [], attr: { dtype, shape, shared_name: name } })
    this.nodes.push({ name: `${handle}/read`, op: 'ReadVariableOp', input: [handle], attr: { dtype } })
    const source = { name: `${handle}/read:0`, type }
    this.lines.push({ kind: 'variable', variable, source })
    return source
  }

  constant({ dtype, shape, bytes }: ConstantValue): Source {
    const value = { dtype, shape, bytes: bytes.slice() }
    const node = constantNode(this.#name('Const'), value)
    this.nodes.push(node)
    const source = { name: `${node.name}:0`, type: dtype }
    this.lines.push({ kind: 'constant', value, source })
    return source
  }

  operation({ op, attributes, inputs }: OperationCall, execute: () => tf.Tensor[]): { outputs: tf.Tensor[]; results: Result[] } {
    // Lists are the caller's, who may change them later.
    const given = attributes.map(({ name, type, value }) => ({ name, type, value: Array.isArray(value) ? [...(value as number[])] : value }))
    const messages = given.map((attribute) => [attribute.name, attributeMessage(this.backend.binding, attribute)] as const)
    const attr = { ...inferredAttributes(op, inputs.map(({ type }) => type)), ...Object.fromEntries(messages) }
    const name = this.#name(op)
    this.nodes.push({ name, op, input: inputs.map((source) => source.name), attr })
    const outputs = execute()
    const results = outputs.map(({ dataId, shape, dtype }, i) => {
      return { name: `${name}:${i}`, type: tensorEntries(this.backend).get(dataId).dtype, shape, dtype }
    })
    this.lines.push({ kind: 'operation', call: { op, attributes: given, inputs }, results })
    return { outputs, results }
  }

  #name(op: string): string {
    return `${op}_${this.nodes.length}`
  }
}
