import { DataError } from '@metric-learning/contracts'
import type { HostTensor } from '../safetensors/safetensors-file.js'
import { TENSOR_TYPES, type HostValues } from '../safetensors/tensor-type.js'
import { Storage, unpickle, type StoredArray } from './unpickle.js'
import { zipEntries } from './zip-entries.js'

/** Bytes of a number, and its type in safetensors, by the class that torch keeps numbers in. */
const STORAGES: Readonly<Record<string, readonly [bytes: number, type: string]>> = {
  FloatStorage: [4, 'F32'],
  DoubleStorage: [8, 'F64'],
  HalfStorage: [2, 'F16'],
  BFloat16Storage: [2, 'BF16'],
  LongStorage: [8, 'I64'],
  IntStorage: [4, 'I32'],
  ByteStorage: [1, 'U8'],
  BoolStorage: [1, 'BOOL'],
}

/**
 * The tensors of a state dict that `torch.save` wrote, as it does now (a zip archive) or did before version 1.6. Nothing in the file
 * is run: of the pickle in it only what state dicts consist of is understood, as `torch.load(…, weights_only=True)` does.
 *
 * @param path for messages
 * @throws {DataError} when it is another file, is cut off, or has something else than tensors by name.
 */
export function readTorchFile(path: string, bytes: Uint8Array): ReadonlyMap<string, HostTensor> {
  try {
    const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b
    const { content, numbers } = isZip ? openZip(bytes) : openLegacy(bytes)
    return tensorsOf(content, numbers)
  } catch (cause) {
    throw new DataError({
      who: 'pretrainedTrunk',
      wanted: `a state dict of torch.save in ${path}`,
      got: (cause as Error).message,
      fix: 'Pass the file as it was published, or save `model.state_dict()` as safetensors.',
      cause,
    })
  }
}

interface Opened {
  readonly content: unknown
  /** Of a storage, by its key. */
  readonly numbers: (key: string) => Uint8Array
}

function openZip(bytes: Uint8Array): Opened {
  const entries = zipEntries(bytes)
  const pickle = [...entries.keys()].find((name) => name.endsWith('/data.pkl'))
  if (pickle === undefined) throw new Error('a zip archive without data.pkl')
  const folder = pickle.slice(0, -'data.pkl'.length)
  return {
    content: unpickle(entries.get(pickle)!()).value,
    numbers: (key) => entries.get(`${folder}data/${key}`)?.() ?? missing(key),
  }
}

const MAGIC = 0x1950a86a20f9469cfc6cn

/** Pickles of a magic number, a version, facts of the machine, the content and the keys of storages; then these, each with its length. */
function openLegacy(bytes: Uint8Array): Opened {
  let at = 0
  const next = () => {
    const { value, end } = unpickle(bytes.subarray(at))
    at += end
    return value
  }
  if (next() !== MAGIC) throw new Error('another file')
  next()
  next()
  const content = next()
  const keys = next() as readonly string[]
  const sizes = new Map<string, number>()
  collect(content, ({ storage }) => sizes.set(storage.key, STORAGES[storage.kind]?.[0] ?? unknownKind(storage.kind)))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = new Map<string, Uint8Array>()
  for (const key of keys) {
    const length = Number(view.getBigInt64(at, true)) * (sizes.get(key) ?? missing(key))
    at += 8
    if (at + length > bytes.length) throw new Error('a file that is cut off')
    found.set(key, bytes.subarray(at, (at += length)))
  }
  return { content, numbers: (key) => found.get(key) ?? missing(key) }
}

function missing(key: string): never {
  throw new Error(`no numbers of storage ${key}`)
}

function unknownKind(kind: string): never {
  throw new Error(`numbers of ${kind}`)
}

/** Tensors by name; those of a training state stand under `state_dict` or `model`. */
function collect(content: unknown, take: (array: StoredArray, name: string) => void): void {
  if (!(content instanceof Map)) throw new Error('something else than tensors by name')
  const inner: unknown = content.get('state_dict') ?? content.get('model')
  if (inner instanceof Map) {
    collect(inner, take)
    return
  }
  for (const [name, value] of content as Map<string, unknown>) {
    if (!isArray(value)) throw new Error(`"${name}", which is no tensor`)
    take(value, name)
  }
}

const isArray = (value: unknown): value is StoredArray => typeof value === 'object' && value !== null && 'storage' in value && value.storage instanceof Storage

function tensorsOf(content: unknown, numbers: Opened['numbers']): Map<string, HostTensor> {
  const tensors = new Map<string, HostTensor>()
  collect(content, ({ storage, offset, shape, strides }, name) => {
    const [bytes, type] = STORAGES[storage.kind] ?? unknownKind(storage.kind)
    const all = numbers(storage.key)
    const last = shape.reduce((sum, extent, axis) => sum + (extent - 1) * strides[axis]!, offset)
    if ((last + 1) * bytes > all.length) throw new Error(`"${name}" beyond the end of its numbers`)
    const stored = TENSOR_TYPES[type]!.read!(new Uint8Array(all.subarray(offset * bytes, (last + 1) * bytes)))
    tensors.set(name, { shape, values: rowMajor(stored, shape, strides) })
  })
  return tensors
}

/** The numbers of a view in the order of its axes. */
function rowMajor(stored: HostValues, shape: readonly number[], strides: readonly number[]): HostValues {
  const sizes = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1))
  if (shape.every((extent, axis) => extent === 1 || strides[axis] === sizes[axis])) return stored
  const size = shape.reduce((product, extent) => product * extent, 1)
  const values = stored.slice(0, size)
  for (let i = 0; i < size; i++) {
    const from = shape.reduce((sum, extent, axis) => sum + (Math.floor(i / sizes[axis]!) % extent) * strides[axis]!, 0)
    values[i] = stored[from]!
  }
  return values
}
