import { endianness } from 'node:os'

/** The numbers of a tensor on the host, row-major: float32, int32, or bytes (truth values and uint8). */
export type HostValues = Float32Array | Int32Array | Uint8Array

interface TensorType {
  /** Bytes of one number. */
  readonly size: number
  /** Reads little-endian numbers out of bytes that begin their buffer and are nobody else's. */
  read(bytes: Uint8Array): HostValues
}

const isLittleEndian = endianness() === 'LE'

/** The number types of a safetensors file that can be read; those that are no type of tfjs become float32. */
export const TENSOR_TYPES: Readonly<Record<string, TensorType>> = {
  F32: { size: 4, read: (bytes) => new Float32Array(inMachineOrder(bytes, 4).buffer) },
  I32: { size: 4, read: (bytes) => new Int32Array(inMachineOrder(bytes, 4).buffer) },
  BOOL: { size: 1, read: (bytes) => bytes },
  U8: { size: 1, read: (bytes) => bytes },
  F64: { size: 8, read: (bytes) => Float32Array.from(new Float64Array(inMachineOrder(bytes, 8).buffer)) },
  I64: { size: 8, read: (bytes) => Float32Array.from(new BigInt64Array(inMachineOrder(bytes, 8).buffer), Number) },
  F16: { size: 2, read: (bytes) => Float32Array.from(new Uint16Array(inMachineOrder(bytes, 2).buffer), halfPrecision) },
  BF16: { size: 2, read: (bytes) => brainFloats(new Uint16Array(inMachineOrder(bytes, 2).buffer)) },
}

/** What a tensor is called in a file. Bytes are truth values where all are 0 or 1. */
export function typeOf(values: HostValues): string {
  if (values instanceof Float32Array) return 'F32'
  if (values instanceof Int32Array) return 'I32'
  return values.every((value) => value <= 1) ? 'BOOL' : 'U8'
}

/** The bytes of a tensor, little-endian. */
export function littleEndian(values: HostValues): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return isLittleEndian ? bytes : inMachineOrder(Uint8Array.from(bytes), values.BYTES_PER_ELEMENT)
}

/** Turns numbers of `size` bytes round, in place, where the machine wants them so. */
function inMachineOrder(bytes: Uint8Array, size: number): Uint8Array {
  if (!isLittleEndian) for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse()
  return bytes
}

/** IEEE 754 binary16: a sign, 5 bits of exponent with bias 15, 10 bits of fraction. */
function halfPrecision(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Each is the upper half of a float32. */
function brainFloats(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer)
}
