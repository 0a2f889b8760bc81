import { inflateSync } from 'node:zlib'

/** A value of a MAT-file: text, numbers, cells, or structs (one record each). */
export type MatValue = string | readonly number[] | readonly MatValue[] | readonly { readonly [field: string]: MatValue }[]

/** Types of data elements. */
const INT8 = 1, UINT8 = 2, INT16 = 3, UINT16 = 4, INT32 = 5, UINT32 = 6, SINGLE = 7, DOUBLE = 9, MATRIX = 14, COMPRESSED = 15, UTF8 = 16, UTF16 = 17
/** Classes of arrays. */
const CELL = 1, STRUCT = 2, CHAR = 4

/**
 * Reads the variables of a MAT-file of level 5, little endian: texts, real numbers, cells and structs.
 * (MATLAB MAT-File Format, The MathWorks, chapter 1.)
 *
 * @throws {Error} when it is no such file, or cut off.
 */
export function readMatFile(bytes: Buffer): Readonly<Record<string, MatValue>> {
  if (bytes.length < 128 || bytes.toString('latin1', 126, 128) !== 'IM') throw new Error('no MAT-file of level 5, little endian')
  const variables: Record<string, MatValue> = {}
  for (const { type, data } of elements(bytes.subarray(128))) {
    const matrices = type === COMPRESSED ? elements(inflateSync(data)) : [{ type, data }]
    for (const matrix of matrices) {
      if (matrix.type !== MATRIX) continue
      const { name, value } = readMatrix(matrix.data)
      variables[name] = value
    }
  }
  return variables
}

interface Element {
  readonly type: number
  readonly data: Buffer
}

/** The elements that follow each other; each begins with its type and length, and is filled up to 8 bytes. */
function* elements(bytes: Buffer): Generator<Element> {
  let at = 0
  while (at + 8 <= bytes.length) {
    const type = bytes.readUInt32LE(at)
    const isSmall = type >>> 16 !== 0
    const length = isSmall ? type >>> 16 : bytes.readUInt32LE(at + 4)
    const start = at + (isSmall ? 4 : 8)
    if (start + length > bytes.length) throw new Error('a MAT-file that is cut off')
    yield { type: isSmall ? type & 0xffff : type, data: bytes.subarray(start, start + length) }
    at = isSmall ? at + 8 : start + length + (type === COMPRESSED ? 0 : (8 - (length % 8)) % 8)
  }
}

/** Flags, dimensions and name come first, then what there is, by class. */
function readMatrix(bytes: Buffer): { name: string; value: MatValue } {
  if (bytes.length === 0) return { name: '', value: [] }
  const [flags, dimensions, name, ...parts] = elements(bytes)
  if (!flags || !dimensions || !name) throw new Error('a MAT-file that is cut off')
  return { name: name.data.toString('latin1'), value: valueOf(flags.data[0]!, parts) }
}

function valueOf(kind: number, parts: readonly Element[]): MatValue {
  if (kind === CELL) return parts.map(({ data }) => readMatrix(data).value)
  if (kind === STRUCT) return structsOf(parts)
  const [first] = parts
  if (!first) return kind === CHAR ? '' : []
  return kind === CHAR ? textOf(first) : numbersOf(first)
}

/** Length of a name, names, then the fields of one struct after the other. */
function structsOf([length, names, ...values]: readonly Element[]): MatValue {
  if (!length || !names) throw new Error('a MAT-file that is cut off')
  const size = length.data.readInt32LE(0)
  const fields = Array.from({ length: names.data.length / size }, (_, i) => names.data.toString('latin1', i * size, (i + 1) * size).replace(/\0.*$/s, ''))
  return Array.from({ length: fields.length === 0 ? 0 : values.length / fields.length }, (_, i) =>
    Object.fromEntries(fields.map((field, k) => [field, readMatrix(values[i * fields.length + k]!.data).value])),
  )
}

function textOf(element: Element): string {
  const { type, data } = element
  if (type === UTF8 || type === INT8) return data.toString('utf8')
  return type === UTF16 || type === UINT16 ? data.toString('utf16le') : String.fromCharCode(...numbersOf(element))
}

const NUMBERS: Readonly<Record<number, { readonly size: number; readonly read: (data: Buffer, at: number) => number }>> = {
  [INT8]: { size: 1, read: (data, at) => data.readInt8(at) },
  [UINT8]: { size: 1, read: (data, at) => data.readUInt8(at) },
  [INT16]: { size: 2, read: (data, at) => data.readInt16LE(at) },
  [UINT16]: { size: 2, read: (data, at) => data.readUInt16LE(at) },
  [INT32]: { size: 4, read: (data, at) => data.readInt32LE(at) },
  [UINT32]: { size: 4, read: (data, at) => data.readUInt32LE(at) },
  [SINGLE]: { size: 4, read: (data, at) => data.readFloatLE(at) },
  [DOUBLE]: { size: 8, read: (data, at) => data.readDoubleLE(at) },
}

function numbersOf({ type, data }: Element): number[] {
  const kind = NUMBERS[type]
  if (!kind) throw new Error(`numbers of type ${type}, which are not read`)
  return Array.from({ length: data.length / kind.size }, (_, i) => kind.read(data, i * kind.size))
}
