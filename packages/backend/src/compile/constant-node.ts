import { DATA_TYPE } from '../native/data-types.js'
import { shapeMessage, type NodeMessage } from './graph-messages.js'

/** What a constant holds. */
export interface ConstantValue {
  /** TensorFlow's number of the type. */
  readonly dtype: number
  readonly shape: readonly number[]
  /** Values as a graph holds them, little-endian: one byte for a boolean, four for a number. */
  readonly bytes: Uint8Array
}

/** A float32 number. */
export function scalarValue(value: number): ConstantValue {
  return { dtype: DATA_TYPE.float32, shape: [], bytes: new Uint8Array(Float32Array.of(value).buffer) }
}

/** A node that gives `value`. */
export function constantNode(name: string, { dtype, shape, bytes }: ConstantValue): NodeMessage {
  const tensor = { dtype, tensor_shape: shapeMessage(shape), tensor_content: bytes }
  return { name, op: 'Const', input: [], attr: { dtype: { type: dtype }, value: { tensor } } }
}

/** What a node that {@link constantNode} made gives; `undefined` for other nodes. */
export function constantValue({ op, attr }: NodeMessage): ConstantValue | undefined {
  const tensor = attr['value']?.tensor
  if (op !== 'Const' || tensor === undefined) return undefined
  const { dtype, tensor_shape, tensor_content } = tensor
  return { dtype, shape: tensor_shape.dim.map(({ size }) => size), bytes: tensor_content }
}
