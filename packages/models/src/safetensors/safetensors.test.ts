import { DataError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from './safetensors.js'

/** A file put together by hand, as the format says. */
function file(header: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + header.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true)
  bytes.set(new TextEncoder().encode(header), 8)
  bytes.set(data, 8 + header.length)
  return bytes
}

const entry = (dtype: string, shape: number[], end: number) =>
  `{"x":{"dtype":"${dtype}","shape":[${shape.join()}],"data_offsets":[0,${end}]}}`

const valuesOf = (bytes: Uint8Array) => [...decodeSafetensors('file', bytes).tensors.get('x')!.values]

describe('safetensors', () => {
  it('brings tensors and metadata back', () => {
    const tensors = new Map([
      ['a', { shape: [2, 1], values: Float32Array.of(1.5, -2) }],
      ['none', { shape: [0, 3], values: new Float32Array() }],
      ['ü', { shape: [], values: Float32Array.of(0.1) }],
    ])
    const bytes = encodeSafetensors({ tensors, metadata: { layout: 'any' } })
    expect(decodeSafetensors('file', bytes)).toEqual({ tensors, metadata: { layout: 'any' } })
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0)
  })

  it.each([
    // The bits of 1, -2, the smallest subnormal, and infinity.
    ['F16', [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x7c], [1, -2, 2 ** -24, Infinity]],
    ['BF16', [0x80, 0x3f, 0x00, 0xc0, 0x00, 0x00, 0x80, 0x7f], [1, -2, 0, Infinity]],
    ['I32', [1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], [1, -1]],
    ['I64', [1, 0, 0, 0, 0, 0, 0, 0], [1]],
    ['F64', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], [1.5]],
  ])('reads %s', (dtype, data, wanted) => {
    expect(valuesOf(file(entry(dtype, [wanted.length], data.length), Uint8Array.from(data)))).toEqual(wanted)
  })

  it('reads from the middle of a buffer, at any alignment', () => {
    const whole = file(entry('F32', [1], 4), Uint8Array.of(0, 0, 0xc0, 0x3f))
    const shifted = new Uint8Array(whole.length + 3)
    shifted.set(whole, 3)
    expect(valuesOf(shifted.subarray(3))).toEqual([1.5])
  })

  it.each([
    ['an empty file', new Uint8Array(), '0 bytes without a header'],
    ['a cut header', file(entry('F32', [1], 4), new Uint8Array()).subarray(0, 20), '20 bytes without a header'],
    ['cut values', file(entry('F32', [2], 8), new Uint8Array(4)), 'bytes 0 to 8 for [2]'],
    ['offsets that do not fit the shape', file(entry('F32', [2], 4), new Uint8Array(8)), 'bytes 0 to 4 for [2]'],
    ['another kind of file', file('<html>', new Uint8Array()), 'a header that is no JSON'],
    ['a wrong entry', file('{"x":{"dtype":"F32"}}', new Uint8Array()), 'an entry without dtype, shape or offsets'],
    ['an unknown type', file(entry('F4', [2], 1), new Uint8Array(1)), 'got F4'],
  ])('rejects %s', (_, bytes, message) => {
    expect(() => decodeSafetensors('file', bytes)).toThrow(DataError)
    expect(() => decodeSafetensors('file', bytes)).toThrow(message)
  })
})
