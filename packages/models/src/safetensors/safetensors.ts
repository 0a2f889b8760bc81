import { DataError } from '@metric-learning/contracts'
import { littleEndian, TENSOR_TYPES, typeOf, type HostValues } from './tensor-type.js'

/** A tensor on the host. */
export interface HostTensor {
  readonly shape: readonly number[]
  readonly values: HostValues
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
const METADATA = '__metadata__'

/**
 * The bytes of a safetensors file: the length of the header (uint64, little endian), the header (JSON, padded with
 * spaces to 8 bytes), the tensors' numbers: float32 as F32, int32 as I32, bytes as BOOL where all are 0 or 1, else as
 * U8. Bytes come last, so that all numbers are aligned.
 *
 * @throws {DataError} when a name can't stand in such a file.
 * @see https://github.com/huggingface/safetensors#format
 */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  const inOrder = [...tensors].sort(([, a], [, b]) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT)
  let end = 0
  const entries = inOrder.map(([name, { shape, values }]) => {
    expectName('encodeSafetensors', name)
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
  const { header, start } = readHeader(who, bytes)
  const { [METADATA]: metadata, ...entries } = header
  expectTexts(who, metadata)
  const checked = Object.entries(entries).map(([name, entry]) => [name, expectEntry(`${who}, tensor "${name}"`, entry)] as const)
  expectSeamless(who, checked, bytes.length - start)
  const tensors = new Map(
    checked.map(([name, { dtype, shape, data_offsets: [begin, end] }]) => {
      // A copy, and not a view: it begins its own buffer, as numbers of several bytes must.
      const own = new Uint8Array(bytes.subarray(start + begin, start + end))
      return [name, { shape, values: TENSOR_TYPES[dtype]!.read(own) }]
    }),
  )
  return { tensors, metadata: metadata ?? {} }
}

function readHeader(who: string, bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = bytes.length < LENGTH_BYTES ? 0 : Number(view.getBigUint64(0, true))
  const start = LENGTH_BYTES + length
  if (length < 2 || length > LONGEST_HEADER || start > bytes.length) throw broken(who, `${bytes.length} bytes without a header`)
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(LENGTH_BYTES, start))
    header = JSON.parse(text)
  } catch (cause) {
    throw broken(who, 'a header that is no JSON', cause)
  }
  if (!isObject(header)) throw broken(who, 'a header that is no object')
  expectStrictJson(who, text)
  return { header, start }
}

/** Texts, with a colon behind them if they are names; braces; numbers. */
const TOKENS = /("(?:[^"\\]+|\\.)*")(\s*:)?|[{}]|-?\d[\d.eE+-]*/g

/** Refuses what `JSON.parse` is silent about: names given twice, and shapes and offsets that are not written as whole numbers. */
function expectStrictJson(who: string, text: string): void {
  const open: Set<string>[] = []
  let name = ''
  for (const [token, quoted, colon] of text.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set())
    else if (token === '}') open.pop()
    else if (colon) {
      name = JSON.parse(quoted!) as string
      const names = open.at(-1)!
      if (names.has(name)) throw broken(who, `the name ${JSON.stringify(name)} twice`)
      if (name !== METADATA) expectName(who, name)
      names.add(name)
    } else if (!quoted && /[-.eE]/.test(token) && (name === 'shape' || name === 'data_offsets')) {
      throw broken(who, `${token} in a ${name}`)
    }
  }
}

function expectName(who: string, name: string): void {
  // Half of a pair of UTF-16 is no character, and has no UTF-8.
  if (name !== METADATA && !/\p{Surrogate}/u.test(name)) return
  throw broken(who, `a tensor named ${JSON.stringify(name)}`)
}

function expectTexts(who: string, metadata: unknown): asserts metadata is Record<string, string> | null | undefined {
  if (metadata === undefined || metadata === null) return
  if (isObject(metadata) && Object.values(metadata).every((text) => typeof text === 'string')) return
  throw broken(who, 'metadata that are no texts')
}

function expectEntry(who: string, entry: unknown): Entry {
  if (!isEntry(entry)) throw broken(who, 'an entry without dtype, shape or offsets')
  const { dtype, shape, data_offsets: [begin, end] } = entry
  const type = Object.hasOwn(TENSOR_TYPES, dtype) && TENSOR_TYPES[dtype]
  if (!type) {
    throw new DataError({
      who,
      wanted: `numbers of type ${Object.keys(TENSOR_TYPES).join(', ')}`,
      got: dtype,
      fix: 'Save it as float32.',
    })
  }
  // From the left and in whole numbers, so that a 0 behind does not hide a product that is none.
  const bytes = shape.reduce((product, extent) => product * (Number.isSafeInteger(product) ? extent : NaN), type.size)
  if (end - begin !== bytes) throw broken(who, `bytes ${begin} to ${end} for [${shape.join(', ')}]`)
  return entry
}

/** Tensors lie one behind the other: the first at 0, none over another, nothing between them, nothing behind them. */
function expectSeamless(who: string, entries: readonly (readonly [string, Entry])[], size: number): void {
  const inPlace = [...entries].sort(([, { data_offsets: [a, aEnd] }], [, { data_offsets: [b, bEnd] }]) => a - b || aEnd - bEnd)
  let place = 0
  for (const [name, { shape, data_offsets: [begin, end] }] of inPlace) {
    if (begin !== place || end > size) {
      throw broken(`${who}, tensor "${name}"`, `bytes ${begin} to ${end} for [${shape.join(', ')}], with ${place} taken of ${size}`)
    }
    place = end
  }
  if (place !== size) throw broken(who, `${size - place} bytes behind the last tensor`)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0)

function isEntry(value: unknown): value is Entry {
  if (!isObject(value)) return false
  const { dtype, shape, data_offsets: offsets } = value
  return typeof dtype === 'string' && isSizes(shape) && isSizes(offsets) && offsets.length === 2
}

const broken = (who: string, got: string, cause?: unknown) =>
  new DataError({ who, wanted: 'a whole safetensors file', got, fix: 'Save or download it again.', cause })
