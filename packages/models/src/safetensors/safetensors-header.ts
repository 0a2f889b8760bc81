import { DataError } from '@metric-learning/contracts'
import { TENSOR_TYPES } from './tensor-type.js'

/** What a header says of a tensor. */
export interface TensorEntry {
  readonly dtype: string
  readonly shape: readonly number[]
  /** Where its numbers begin and end, in bytes behind the header. */
  readonly data_offsets: readonly [number, number]
}

/** The header of a file, as a whole checked. */
export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, TensorEntry>
  readonly metadata: Readonly<Record<string, string>>
  /** Where the first tensor begins. */
  readonly start: number
}

/** Bytes of the length of the header. */
export const LENGTH_BYTES = 8
/** The key of free texts; no tensor has this name. */
export const METADATA = '__metadata__'
/** The reference implementation takes no longer header. */
const LONGEST_HEADER = 100_000_000
/** Lists and objects in each other; a tensor has three. The reference implementation takes no more than 127. */
const DEEPEST = 100

/**
 * Reads the header of a safetensors file: the length of it (uint64, little endian), then JSON. Checks it with the size of the
 * file: tensors lie one behind the other, from the end of the header to the end of the file.
 *
 * @param who the file, for messages
 * @throws {DataError} when the bytes are no whole safetensors file.
 */
export function readHeader(who: string, bytes: Uint8Array): SafetensorsHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = bytes.length < LENGTH_BYTES ? 0 : Number(view.getBigUint64(0, true))
  const start = LENGTH_BYTES + length
  if (length < 2 || length > LONGEST_HEADER || start > bytes.length) throw another(who, bytes, `${bytes.length} bytes without a header`)
  const { [METADATA]: metadata, ...tensors } = parse(who, bytes, start)
  expectTexts(who, metadata)
  const entries = Object.entries(tensors).map(([name, entry]) => [name, expectEntry(`${who}, tensor "${name}"`, entry)] as const)
  expectSeamless(who, entries, bytes.length - start)
  return { entries: new Map(entries), metadata: metadata ?? {}, start }
}

/** Whether a tensor can have this name. */
export const isTensorName = (name: string): boolean => name !== METADATA && isUnicode(name)

/** Half of a pair of UTF-16 is no character, and has no UTF-8. */
export const isUnicode = (text: string): boolean => !/\p{Surrogate}/u.test(text)

const broken = (who: string, got: string, fix = 'Save or download it again.', cause?: unknown) =>
  new DataError({ who, wanted: 'a whole safetensors file', got, fix, cause })

/** What people have in place of such a file, by its first bytes, and what to do then. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^version https:\/\/git-lfs/, 'It is a pointer of Git LFS: `git lfs pull` fetches the file itself.'],
  [/^(PK\x03\x04|\x80[\x02-\x05])/, 'It looks like a file of `torch.save`: in Python, `safetensors.torch.save_file(state_dict, path)` writes this format.'],
  [/^\s*<(!DOCTYPE|html)/i, 'It is a web page: download the file that the page is about.'],
]

function another(who: string, bytes: Uint8Array, got: string, cause?: unknown): DataError {
  const beginning = String.fromCharCode(...bytes.subarray(0, 40))
  return broken(who, got, OTHERS.find(([first]) => first.test(beginning))?.[1], cause)
}

function parse(who: string, bytes: Uint8Array, start: number): Record<string, unknown> {
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(LENGTH_BYTES, start))
    header = JSON.parse(text)
  } catch (cause) {
    throw another(who, bytes, 'a header that is no JSON', cause)
  }
  if (!isObject(header)) throw broken(who, 'a header that is no object')
  expectStrictJson(who, text)
  return header
}

/** Texts, with a colon behind them if they are names; brackets; numbers. */
const TOKENS = /("(?:[^"\\]+|\\.)*")(\s*:)?|[{}[\]]|-?\d[\d.eE+-]*/g

/**
 * Refuses what `JSON.parse` is silent about: names given twice, texts that are no Unicode, numbers beyond all numbers, shapes and
 * offsets that are not written as whole numbers, and lists in lists in lists.
 */
function expectStrictJson(who: string, text: string): void {
  const open: Set<string>[] = []
  let name = ''
  for (const [token, quoted, colon] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      if (open.push(new Set()) > DEEPEST) throw broken(who, `a header nested deeper than ${DEEPEST}`)
    } else if (token === '}' || token === ']') {
      open.pop()
    } else if (quoted) {
      const written = JSON.parse(quoted) as string
      if (!isUnicode(written)) throw broken(who, `the text ${quoted}, which is no Unicode`)
      if (!colon) continue
      name = written
      const names = open.at(-1)!
      if (names.has(name)) throw broken(who, `the name ${JSON.stringify(name)} twice`)
      names.add(name)
    } else if (!Number.isFinite(Number(token))) {
      throw broken(who, `the number ${token.slice(0, 20)}${token.length > 20 ? '…' : ''}`)
    } else if (/[-.eE]/.test(token) && (name === 'shape' || name === 'data_offsets')) {
      throw broken(who, `${token} in a ${name}`)
    }
  }
}

function expectTexts(who: string, metadata: unknown): asserts metadata is Record<string, string> | null | undefined {
  if (metadata === undefined || metadata === null) return
  if (isObject(metadata) && Object.values(metadata).every((text) => typeof text === 'string')) return
  throw broken(who, 'metadata that are no texts')
}

function expectEntry(who: string, entry: unknown): TensorEntry {
  // The reference takes one, the format has none.
  if (Array.isArray(entry)) throw broken(who, 'a list in place of dtype, shape and offsets')
  if (!isEntry(entry)) throw broken(who, 'an entry without dtype, shape or offsets')
  const { dtype, shape, data_offsets: [begin, end] } = entry
  const type = Object.hasOwn(TENSOR_TYPES, dtype) && TENSOR_TYPES[dtype]
  if (!type) throw broken(who, `numbers of type ${JSON.stringify(dtype)}, which the format has not`)
  // From the left and in whole numbers, so that a 0 behind does not hide a product that is none.
  const count = shape.reduce((product, extent) => product * (Number.isSafeInteger(product) ? extent : NaN), 1)
  if (8 * (end - begin) !== type.bits * count) throw broken(who, `bytes ${begin} to ${end} for [${shape.join(', ')}]`)
  return entry
}

/** Tensors lie one behind the other: the first at 0, none over another, nothing between them, nothing behind them. */
function expectSeamless(who: string, entries: readonly (readonly [string, TensorEntry])[], size: number): void {
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

function isEntry(value: unknown): value is TensorEntry {
  if (!isObject(value)) return false
  const { dtype, shape, data_offsets: offsets } = value
  return typeof dtype === 'string' && isSizes(shape) && isSizes(offsets) && offsets.length === 2
}
