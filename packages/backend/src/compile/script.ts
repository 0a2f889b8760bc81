import type * as tf from '@tensorflow/tfjs-core'
import type { TFEOpAttr } from '#tfjs-node/tfjs_binding.js'
import type { ConstantValue } from './constant-node.js'
import type { NodeMessage } from './graph-messages.js'

/** Where in a graph a value is. */
export interface Source {
  /** `producer:output`. */
  readonly name: string
  /** TensorFlow's number of its type. */
  readonly type: number
}

/** What a result of an operation is, its values aside. */
export interface Result extends Source {
  readonly shape: readonly number[]
  readonly dtype: tf.DataType
}

/** An operation as tfjs asks for it. Its node follows from this alone. */
export interface OperationCall {
  readonly op: string
  readonly attributes: readonly TFEOpAttr[]
  readonly inputs: readonly Source[]
}

/** Something that a step does, or takes from outside for the first time. */
export type Line =
  | { readonly kind: 'input'; readonly shape: readonly number[]; readonly source: Source }
  | { readonly kind: 'variable'; readonly variable: tf.Variable; readonly source: Source }
  | { readonly kind: 'constant'; readonly value: ConstantValue; readonly source: Source }
  | { readonly kind: 'operation'; readonly call: OperationCall; readonly results: readonly Result[] }

/** What a step did, line by line, with the nodes that stand for it. Sources are one object each, wherever they are used. */
export interface Script {
  readonly lines: readonly Line[]
  readonly nodes: readonly NodeMessage[]
}

/** Takes what a step does line by line: to write a script, or to see whether it does what is in one. */
export interface LineTaker {
  /** Nodes that stand for what has been taken so far. */
  readonly nodes: readonly NodeMessage[]
  /** @param name of its placeholder */
  input(shape: readonly number[], type: number, name: string): Source
  /** @param handle name of its resource handle */
  variable(variable: tf.Variable, type: number, handle: string): Source
  /** @param value copied if it is kept */
  constant(value: ConstantValue): Source
  /** @param execute computes it */
  operation(call: OperationCall, execute: () => tf.Tensor[]): { readonly outputs: tf.Tensor[]; readonly results: readonly Source[] }
}
