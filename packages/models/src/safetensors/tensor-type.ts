import { endianness } from 'node:os'

/** The numbers of a tensor on the host, row-major: float32, int32, or bytes (truth values and uint8). */
export type HostValues = Float32Array | Int32Array | Uint8Array

interface TensorType {
  /** Bits of one number. */
  readonly bits: number
  /** Reads little-endian numbers out of bytes that begin their buffer and are nobody else's. Absent where there is no such type here. */
  read?(bytes: Uint8Array): HostValues
}

const isLittleEndian = endianness() === 'LE'

/**
 * The number types of the format. Those that can be read and are no type of tfjs become float32; of the others the size is known,
 * so that a file that has one beside the tensors that are wanted can be checked and read.
 */
export const TENSOR_TYPES: Readonly<Record<string, TensorType>> = {
  F32: { bits: 32, read: (bytes) => new Float32Array(inMachineOrder(bytes, 4).buffer) },
  I32: { bits: 32, read: (bytes) => new Int32Array(inMachineOrder(bytes, 4).buffer) },
  BOOL: { bits: 8, read: (bytes) => bytes },
  U8: { bits: 8, read: (bytes) => bytes },
  F64: { bits: 64, read: (bytes) => Float32Array.from(new Float64Array(inMachineOrder(bytes, 8).buffer)) },
  I64: { bits: 64, read: (bytes) => Float32Array.from(new BigInt64Array(inMachineOrder(bytes, 8).buffer), Number) },
  F16: { bits: 16, read: (bytes) => Float32Array.from(new Uint16Array(inMachineOrder(bytes, 2).buffer), halfPrecision) },
  BF16: { bits: 16, read: (bytes) => brainFloats(new Uint16Array(inMachineOrder(bytes, 2).buffer)) },
  C64: { bits: 64 },
  U64: { bits: 64 },
  U32: { bits: 32 },
  I16: { bits: 16 },
  U16: { bits: 16 },
  I8: { bits: 8 },
  F8_E4M3: { bits: 8 },
  F8_E4M3FNUZ: { bits: 8 },
  F8_E5M2: { bits: 8 },
  F8_E5M2FNUZ: { bits: 8 },
  F8_E8M0: { bits: 8 },
  F6_E2M3: { bits: 6 },
  F6_E3M2: { bits: 6 },
  F4: { bits: 4 },
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
