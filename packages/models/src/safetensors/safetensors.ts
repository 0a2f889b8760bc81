import { DataError } from '@metric-learning/contracts'
import { openSafetensors, type HostTensor } from './safetensors-file.js'
import { isTensorName, isUnicode, LENGTH_BYTES, METADATA } from './safetensors-header.js'
import { littleEndian, typeOf } from './tensor-type.js'

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, HostTensor>
  /** Free text by key. */
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * The bytes of a safetensors file: the length of the header (uint64, little endian), the header (JSON, padded with
 * spaces to 8 bytes), the tensors' numbers: float32 as F32, int32 as I32, bytes as BOOL where all are 0 or 1, else as
 * U8. Bytes come last, so that all numbers are aligned.
 *
 * @throws {DataError} when a name or a text can't stand in such a file, or a tensor has not as many numbers as its shape says.
 * @see https://github.com/huggingface/safetensors#format
 */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  const inOrder = [...tensors].sort(([, a], [, b]) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT)
  expectTexts(metadata)
  let end = 0
  const entries = inOrder.map(([name, { shape, values }]) => {
    expectTensor(name, { shape, values })
    return [name, { dtype: typeOf(values), shape, data_offsets: [end, (end += values.byteLength)] }] as const
  })
  // No object literal: it would lose a tensor named `__proto__`.
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([[METADATA, metadata], ...entries])))
  const start = LENGTH_BYTES + Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(start + end).fill(0x20, LENGTH_BYTES, start)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - LENGTH_BYTES), true)
  bytes.set(json, LENGTH_BYTES)
  inOrder.forEach(([, { values }], i) => {
    bytes.set(littleEndian(values), start + entries[i]![1].data_offsets[0]!)
  })
  return bytes
}

/**
 * Reads the bytes of a safetensors file. F32 comes as float32, I32 as int32, BOOL and U8 as bytes; F64, F16, BF16 and I64
 * become float32. Refuses what the reference implementation refuses, and names that are given twice.
 *
 * @param who the file, for messages
 * @throws {DataError} when the bytes are no whole safetensors file, or hold another type of number.
 */
export function decodeSafetensors(who: string, bytes: Uint8Array): Safetensors {
  const { tensors, metadata } = openSafetensors(who, bytes)
  return { tensors: new Map([...tensors].map(([name, tensor]) => [name, tensor.read()])), metadata }
}

function expectTensor(name: string, { shape, values }: HostTensor): void {
  if (!isTensorName(name)) throw unwritable(`a tensor named ${JSON.stringify(name)}`, 'Give it another name.')
  if (values.length === shape.reduce((product, extent) => product * extent, 1)) return
  throw unwritable(`${values.length} numbers for "${name}" of shape [${shape.join(', ')}]`, 'Pass as many as the shape says.')
}

function expectTexts(metadata: Safetensors['metadata']): void {
  const wrong = Object.entries(metadata).find((texts) => !texts.every(isUnicode))
  if (wrong) throw unwritable(`${JSON.stringify(wrong[1])} under ${JSON.stringify(wrong[0])}, which is no Unicode`, 'Pass whole characters.')
}

const unwritable = (got: string, fix: string) =>
  new DataError({ who: 'encodeSafetensors', wanted: 'tensors and texts that a safetensors file can hold', got, fix })
