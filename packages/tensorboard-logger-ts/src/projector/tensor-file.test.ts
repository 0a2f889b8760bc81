import { describe, expect, it } from 'vitest'
import { tensorFile } from './tensor-file.js'

const floats = (hex: string) => new Float32Array(new Uint8Array(Buffer.from(hex, 'hex')).buffer)

describe('tensorFile', () => {
  it.each([
    ['no UTF-8 at all', 'cdcc8cbf', 'tensors.bytes'],
    ['UTF-8 throughout', '0000003f00000040', 'tensors.tsv'],
    ['UTF-8 up to the end of its first line', '000a80bfcdcc8cbf', 'tensors.tsv'],
    ['no UTF-8 before the end of its first line', 'cd0a80bfcdcc8cbf', 'tensors.bytes'],
    ['an end of line at once', '0dcc8cbf', 'tensors.tsv'],
  ])('writes bytes that are %s as it should', (_, hex, name) => {
    const embeddings = floats(hex)
    const file = tensorFile(embeddings, 1)
    expect(file.name).toBe(name)
    const { content } = file
    const values = typeof content === 'string' ? content.trim().split('\n').map(Number) : floats(content.toString('hex'))
    expect(Float32Array.from(values)).toEqual(embeddings)
  })

  it('writes a view of a larger array alone', () => {
    const all = Float32Array.of(-1.1, -2.2, -3.3)
    expect(tensorFile(all.subarray(1, 2), 1).content).toEqual(Buffer.from(Float32Array.of(-2.2).buffer))
  })
})
