/** Reads the number at a byte. */
type ReadNumber = (view: DataView, offset: number) => number

interface TensorType {
  /** Bytes of one number. */
  readonly size: number
  readonly read: ReadNumber
}

/** The number types of a safetensors file that can be read as float32. */
export const TENSOR_TYPES: Readonly<Record<string, TensorType>> = {
  F32: { size: 4, read: (view, offset) => view.getFloat32(offset, true) },
  F64: { size: 8, read: (view, offset) => view.getFloat64(offset, true) },
  F16: { size: 2, read: (view, offset) => halfPrecision(view.getUint16(offset, true)) },
  BF16: { size: 2, read: (view, offset) => brainFloat(view.getUint16(offset, true)) },
  I64: { size: 8, read: (view, offset) => Number(view.getBigInt64(offset, true)) },
  I32: { size: 4, read: (view, offset) => view.getInt32(offset, true) },
}

/** IEEE 754 binary16: a sign, 5 bits of exponent with bias 15, 10 bits of fraction. */
function halfPrecision(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The upper half of a float32. */
function brainFloat(bits: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, bits << 16)
  return view.getFloat32(0)
}
