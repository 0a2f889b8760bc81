import type { TFEOpAttr, TFJSBinding } from '#tfjs-node/tfjs_binding.js'
import { shapeMessage, type AttributeMessage } from './graph-messages.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** An attribute as eager execution takes it, in the form a graph wants. */
export function attributeMessage(binding: TFJSBinding, { type, value }: TFEOpAttr): AttributeMessage {
  const many = Array.isArray(value)
  switch (type) {
    case binding.TF_ATTR_TYPE:
      return many ? { list: { type: value as number[] } } : { type: value as number }
    case binding.TF_ATTR_INT:
      return many ? { list: { i: value as number[] } } : { i: value as number }
    case binding.TF_ATTR_FLOAT:
      return many ? { list: { f: value as number[] } } : { f: value as number }
    case binding.TF_ATTR_BOOL:
      return many ? { list: { b: value as unknown as boolean[] } } : { b: value as boolean }
    case binding.TF_ATTR_SHAPE:
      return { shape: shapeMessage(value as number[]) }
    case binding.TF_ATTR_STRING:
      return many ? { list: { s: (value as unknown as string[]).map(bytes) } } : { s: bytes(value as string) }
    default:
      throw new TypeError(`attribute type ${type} is unknown`)
  }
}
