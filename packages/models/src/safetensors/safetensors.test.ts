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
      ['flags', { shape: [3], values: Uint8Array.of(1, 0, 1) }],
      ['bytes', { shape: [1], values: Uint8Array.of(7) }],
      ['counts', { shape: [2], values: Int32Array.of(-(2 ** 31), 16_777_217) }],
      ['__proto__', { shape: [1], values: Int32Array.of(3) }],
    ])
    const bytes = encodeSafetensors({ tensors, metadata: { layout: 'any' } })
    expect(decodeSafetensors('file', bytes)).toEqual({ tensors, metadata: { layout: 'any' } })
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0)
    const header = new TextDecoder().decode(bytes)
    expect(header).toContain('"flags":{"dtype":"BOOL","shape":[3],"data_offsets":[24,27]}')
    expect(header).toContain('"bytes":{"dtype":"U8","shape":[1],"data_offsets":[27,28]}')
    expect(header).toContain('"counts":{"dtype":"I32","shape":[2],"data_offsets":[12,20]}')
  })

  it('keeps each bit of float32', () => {
    // NaN with a payload, -0, the smallest subnormal.
    const bits = Uint32Array.of(0x7fc12345, 0x80000000, 1)
    const tensors = new Map([['x', { shape: [3], values: new Float32Array(bits.buffer) }]])
    const { values } = decodeSafetensors('file', encodeSafetensors({ tensors, metadata: {} })).tensors.get('x')!
    expect(new Uint32Array(values.buffer)).toEqual(bits)
  })

  it.each(['__metadata__', '\ud800'])('does not write a tensor named %j', (name) => {
    const tensors = new Map([[name, { shape: [], values: Float32Array.of(1) }]])
    expect(() => encodeSafetensors({ tensors, metadata: {} })).toThrow('got a tensor named')
  })

  it('does not write what it would not read', () => {
    const tensors = new Map([['x', { shape: [2, 2], values: Float32Array.of(1, 2, 3) }]])
    expect(() => encodeSafetensors({ tensors, metadata: {} })).toThrow('got 3 numbers for "x" of shape [2, 2]. Pass as many')
    expect(() => encodeSafetensors({ tensors: new Map(), metadata: { a: '\ud800' } })).toThrow('got "\\ud800" under "a", which is no Unicode')
  })

  it.each([
    // The bits of 1, -2, the smallest subnormal, and infinity.
    ['F16', [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x7c], [1, -2, 2 ** -24, Infinity]],
    ['BF16', [0x80, 0x3f, 0x00, 0xc0, 0x00, 0x00, 0x80, 0x7f], [1, -2, 0, Infinity]],
    ['I32', [1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], [1, -1]],
    ['BOOL', [1, 0], [1, 0]],
    ['U8', [1, 200], [1, 200]],
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
    ['cut values', file(entry('F32', [2], 8), new Uint8Array(4)), 'bytes 0 to 8 for [2], with 0 taken of 4'],
    ['offsets that do not fit the shape', file(entry('F32', [2], 4), new Uint8Array(8)), 'bytes 0 to 4 for [2]'],
    ['another kind of file', file('<html>', new Uint8Array()), 'a header that is no JSON'],
    ['a wrong entry', file('{"x":{"dtype":"F32"}}', new Uint8Array()), 'an entry without dtype, shape or offsets'],
    ['a type that there is none of here', file(entry('F4', [2], 1), new Uint8Array(1)), 'got F4'],
    ['a type that the format has not', file(entry('F128', [2], 32), new Uint8Array(32)), 'got numbers of type "F128"'],
    ['a type that is none', file(entry('toString', [2], 32), new Uint8Array(32)), 'got numbers of type "toString"'],
  ])('rejects %s', (_, bytes, message) => {
    expect(() => decodeSafetensors('file', bytes)).toThrow(DataError)
    expect(() => decodeSafetensors('file', bytes)).toThrow(message)
  })

  const float = (begin: number, end: number, shape = (end - begin) / 4) => `{"dtype":"F32","shape":[${shape}],"data_offsets":[${begin},${end}]}`
  const x = `"x":${float(0, 4)}`

  // Verdicts of the reference implementation: safetensors 0.8.0 for Python, on these bytes.
  it.each([
    ['metadata that are null', `{"__metadata__":null,${x}}`, 4],
    ['fields that are not in the format', '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1.5}}', 4],
    ['space before the header', ` {${x}}`, 4],
    ['a line feed behind it', `{${x}}\n`, 4],
    ['no tensor', '{}', 0],
    ['a tensor of nothing before others', `{"none":${float(0, 0)},${x}}`, 4],
    ['a tensor of nothing behind others', `{${x},"none":${float(4, 4)}}`, 4],
    ['tensors in another order than their names', `{"y":${float(4, 8)},${x}}`, 8],
    ['numbers at odd places', '{"b":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}', 5],
    ['a tensor named __proto__', `{"__proto__":${float(4, 8)},${x}}`, 8],
  ])('takes %s, as the reference does', (_, header, size) => {
    const { tensors } = decodeSafetensors('file', file(header, new Uint8Array(size)))
    expect(tensors.size).toBe([...header.matchAll(/dtype/g)].length)
  })

  it.each([
    ['tensors over each other', `{${x},"y":${float(0, 4)}}`, 4, 'tensor "y": wanted a whole safetensors file, got bytes 0 to 4'],
    ['a hole', `{${x},"y":${float(8, 12)}}`, 12, 'tensor "y": wanted a whole safetensors file, got bytes 8 to 12 for [1], with 4 taken'],
    ['a hole at the beginning', `{"x":${float(4, 8)}}`, 8, 'bytes 4 to 8'],
    ['a tensor of nothing inside another', `{"x":${float(0, 8)},"y":${float(4, 4)}}`, 8, 'bytes 4 to 4'],
    ['bytes behind the last tensor', `{${x}}`, 5, '1 bytes behind the last tensor'],
    ['bytes and no tensor', '{}', 1, '1 bytes behind the last tensor'],
    ['offsets the wrong way round', `{"x":${float(4, 0, 1)}}`, 4, 'bytes 4 to 0'],
    ['a name twice', `{"x":${float(0, 4)},"x":${float(4, 8)}}`, 8, 'the name "x" twice'],
    ['a field twice', '{"x":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4, 'the name "dtype" twice'],
    ['metadata twice', `{"__metadata__":{},"__metadata__":{},${x}}`, 4, 'the name "__metadata__" twice'],
    ['a number as metadata', `{"__metadata__":{"a":1},${x}}`, 4, 'metadata that are no texts'],
    ['nothing as metadata', `{"__metadata__":{"a":null},${x}}`, 4, 'metadata that are no texts'],
    ['metadata within metadata', `{"__metadata__":{"a":{}},${x}}`, 4, 'metadata that are no texts'],
    ['a list as metadata', `{"__metadata__":[],${x}}`, 4, 'metadata that are no texts'],
    ['a text as metadata', `{"__metadata__":"a",${x}}`, 4, 'metadata that are no texts'],
    ['a list as header', '[]', 0, 'a header that is no object'],
    ['null as header', 'null', 0, 'a header that is no object'],
    ['null as tensor', '{"x":null}', 0, 'an entry without dtype'],
    ['null as type', '{"x":{"dtype":null,"shape":[1],"data_offsets":[0,4]}}', 4, 'an entry without dtype'],
    ['a negative shape', '{"x":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}', 4, '-1 in a shape'],
    ['a shape of fractions', '{"x":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}', 4, '1.0 in a shape'],
    ['a shape with an exponent', '{"x":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}', 4, '1e0 in a shape'],
    ['minus zero as offset', '{"x":{"dtype":"F32","shape":[1],"data_offsets":[-0,4]}}', 4, '-0 in a data_offsets'],
    ['three offsets', '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}', 4, 'an entry without dtype'],
    ['a shape beyond all numbers', '{"x":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}', 0, 'for [4294967296'],
    ['half a character', `{"\\ud800":${float(0, 4)}}`, 4, 'the text "\\ud800", which is no Unicode'],
    ['half a character in metadata', `{"__metadata__":{"a":"\\udc00"},${x}}`, 4, 'the text "\\udc00", which is no Unicode'],
    ['a number beyond all numbers', '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1e999}}', 4, 'the number 1e999'],
    ['lists in lists in lists', `{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":${'['.repeat(130)}${']'.repeat(130)}}}`, 4, 'nested deeper than 100'],
    ['part of a byte', '{"x":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}', 2, 'bytes 0 to 2 for [3]'],
    ['NUL behind the header', `{${x}}\0`, 4, 'a header that is no JSON'],
  ])('refuses %s, as the reference does', (_, header, size, message) => {
    expect(() => decodeSafetensors('file', file(header, new Uint8Array(size)))).toThrow(DataError)
    expect(() => decodeSafetensors('file', file(header, new Uint8Array(size)))).toThrow(message)
  })

  it.each([
    ['seven bytes', [0, 0, 0, 0, 0, 0, 0]],
    ['a header of no bytes', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['a header beyond the file', [3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d]],
    ['a header of 2^63 bytes', [0, 0, 0, 0, 0, 0, 0, 0x80, 0x7b, 0x7d]],
    ['a byte-order mark', [5, 0, 0, 0, 0, 0, 0, 0, 0xef, 0xbb, 0xbf, 0x7b, 0x7d]],
    ['what is no UTF-8', [6, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x22, 0xff, 0x22, 0x7d, 0x20]],
    ['a pointer of Git LFS', [...new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n')]],
  ])('refuses %s, as the reference does', (_, bytes) => {
    expect(() => decodeSafetensors('file', Uint8Array.from(bytes))).toThrow(DataError)
  })

  it.each([
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n', '`git lfs pull`'],
    ['a zip archive of PyTorch', `PK\x03\x04${'\0'.repeat(400)}`, 'safetensors.torch.save_file'],
    ['a pickle', '\x80\x02}q\x00X\x06\x00\x00\x00weightq\x01K\x01s.', 'safetensors.torch.save_file'],
    ['a web page', '\n<!DOCTYPE html><html>', 'It is a web page'],
    ['anything else', 'anything else', 'Save or download it again'],
  ])('says what to do with %s', (_, text, advice) => {
    expect(() => decodeSafetensors('file', Buffer.from(text, 'latin1'))).toThrow(advice)
  })

  it('refuses a header of more than 100 million bytes, as the reference does', () => {
    expect(() => decodeSafetensors('file', file(`{}${' '.repeat(100_000_000)}`, new Uint8Array()))).toThrow('without a header')
  })

  // The reference takes the later one; the format forbids both.
  it.each([
    ['the same entry', `{${x},${x}}`],
    ['the same name, written in another way', `{${x},"\\u0078":${float(0, 4)}}`],
    ['a key of the metadata', `{"__metadata__":{"a":"1","a":"2"},${x}}`],
  ])('refuses %s twice', (_, header) => {
    expect(() => decodeSafetensors('file', file(header, new Uint8Array(4)))).toThrow('twice')
  })

  // The reference takes it; the format has objects only.
  it('refuses a list in place of an entry', () => {
    expect(() => decodeSafetensors('file', file('{"x":["F32",[1],[0,4]]}', new Uint8Array(4)))).toThrow('a list in place of dtype')
  })
})
