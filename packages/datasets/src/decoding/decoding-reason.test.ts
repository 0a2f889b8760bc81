import { describe, expect, it } from 'vitest'
import { decodingReason } from './decoding-reason.js'

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0])
const png = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

describe('decodingReason', () => {
  it('is the first line that is about files of this kind', () => {
    const mixed = new Error('VipsJpeg: premature end of JPEG image\npngload_buffer: end of stream\nVipsJpeg: other')
    expect(decodingReason(mixed, png)).toBe('pngload_buffer: end of stream')
    expect(decodingReason(mixed, jpeg)).toBe('VipsJpeg: premature end of JPEG image')
  })

  it('is what names no kind at all, and nothing of another kind', () => {
    expect(decodingReason(new Error('webp: unable to parse image\nInput image exceeds pixel limit'), png)).toBe('Input image exceeds pixel limit')
    expect(decodingReason(new Error('webp: unable to parse image'), Buffer.from('text'))).toBe('it cannot be decoded')
    expect(decodingReason(new Error('Warning treated as error due to failOn setting\nSum of channels does not match'), Buffer.from('II*\0'))).toBe('Sum of channels does not match')
    expect(decodingReason('Input Buffer is empty', Buffer.alloc(0))).toBe('Input Buffer is empty')
  })
})
