import { DataError } from '@metric-learning/contracts'
import { TENSOR_TYPES } from './tensor-type.js'

/** A tensor on the host. */
export interface HostTensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, HostTensor>
  /** Free text by key. */
  readonly metadata: Readonly<Record<string, string>>
}

interface Entry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

const LENGTH_BYTES = 8
/** The reference implementation takes no longer header. */
const LONGEST_HEADER = 100_000_000

/**
 * The bytes of a safetensors file: the length of the header (uint64, little endian), the header (JSON, padded with
 * spaces to 8 bytes), the tensors' float32 values in order.
 *
 * @see https://github.com/huggingface/safetensors#format
 */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let end = 0
  for (const [name, { shape, values }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += values.byteLength)] }
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const start = LENGTH_BYTES + Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(start + end).fill(0x20, 0, start)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(start - LENGTH_BYTES), true)
  bytes.set(json, LENGTH_BYTES)
  let offset = start
  for (const { values } of tensors.values()) {
    for (const value of values) {
      view.setFloat32(offset, value, true)
      offset += 4
    }
  }
  return bytes
}

/**
 * Reads the bytes of a safetensors file. Numbers become float32, whatever they were (F64, F32, F16, BF16, I64, I32).
 *
 * @param who the file, for messages
 * @throws {DataError} when the bytes are no safetensors file, are cut off, or hold another type of number.
 */
export function decodeSafetensors(who: string, bytes: Uint8Array): Safetensors {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { header, start } = readHeader(who, bytes, view)
  const { __metadata__: metadata = {}, ...entries } = header
  const tensors = new Map(
    Object.entries(entries).map(([name, entry]) => [name, readTensor(`${who}, tensor "${name}"`, view, start, entry)]),
  )
  return { tensors, metadata: metadata as Record<string, string> }
}

function readHeader(who: string, bytes: Uint8Array, view: DataView) {
  const length = bytes.length < LENGTH_BYTES ? 0 : Number(view.getBigUint64(0, true))
  const start = LENGTH_BYTES + length
  if (length < 2 || length > LONGEST_HEADER || start > bytes.length) throw broken(who, `${bytes.length} bytes without a header`)
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, start)))
    if (typeof header === 'object' && header !== null) return { header: header as Record<string, unknown>, start }
  } catch (cause) {
    throw broken(who, 'a header that is no JSON', cause)
  }
  throw broken(who, 'a header that is no object')
}

function readTensor(who: string, view: DataView, start: number, entry: unknown): HostTensor {
  if (!isEntry(entry)) throw broken(who, 'an entry without dtype, shape or offsets')
  const { dtype, shape, data_offsets: [begin, end] } = entry
  const type = TENSOR_TYPES[dtype]
  if (!type) {
    throw new DataError({
      who,
      wanted: `numbers of type ${Object.keys(TENSOR_TYPES).join(', ')}`,
      got: dtype,
      fix: 'Save it as float32.',
    })
  }
  const count = shape.reduce((product, extent) => product * extent, 1)
  if (end - begin !== count * type.size || begin < 0 || start + end > view.byteLength) {
    throw broken(who, `bytes ${begin} to ${end} for [${shape.join(', ')}] in a file of ${view.byteLength}`)
  }
  const values = Float32Array.from({ length: count }, (_, i) => type.read(view, start + begin + i * type.size))
  return { shape, values }
}

const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(Number.isInteger)

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>
  return typeof dtype === 'string' && isNumbers(shape) && isNumbers(offsets) && offsets.length === 2
}

const broken = (who: string, got: string, cause?: unknown) =>
  new DataError({ who, wanted: 'a whole safetensors file', got, fix: 'Save or download it again.', cause })
