import { DataError } from '@metric-learning/contracts'
import { readHeader } from './safetensors-header.js'
import { TENSOR_TYPES, type HostValues } from './tensor-type.js'

/** A tensor on the host. */
export interface HostTensor {
  readonly shape: readonly number[]
  readonly values: HostValues
}

/** A tensor of a file: its place was checked, its numbers were not read yet. */
export interface StoredTensor {
  readonly shape: readonly number[]
  /**
   * F32 comes as float32, I32 as int32, BOOL and U8 as bytes; F64, F16, BF16 and I64 become float32.
   *
   * @throws {DataError} when it has another type of number.
   */
  read(): HostTensor
}

/** The bytes of a safetensors file, as a whole checked. */
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  /** Free text by key. */
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * Checks the bytes of a safetensors file, whose tensors are read when they are asked for. Refuses what the reference
 * implementation refuses, and names that are given twice.
 *
 * @param who the file, for messages
 * @throws {DataError} when the bytes are no whole safetensors file.
 */
export function openSafetensors(who: string, bytes: Uint8Array): SafetensorsFile {
  const { entries, metadata, start } = readHeader(who, bytes)
  const tensors = new Map<string, StoredTensor>()
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of entries) {
    const read = (): HostTensor => {
      const type = TENSOR_TYPES[dtype]!
      if (!type.read) throw unreadable(`${who}, tensor "${name}"`, dtype)
      // A copy, and not a view: it begins its own buffer, as numbers of several bytes must.
      return { shape, values: type.read(new Uint8Array(bytes.subarray(start + begin, start + end))) }
    }
    tensors.set(name, { shape, read })
  }
  return { tensors, metadata }
}

function unreadable(who: string, dtype: string): DataError {
  const readable = Object.entries(TENSOR_TYPES).flatMap(([name, { read }]) => (read ? name : []))
  return new DataError({ who, wanted: `numbers of type ${readable.join(', ')}`, got: dtype, fix: 'Save it as float32.' })
}
