import { describe, expect, it } from 'vitest'
import { crc32c, maskedCrc32c } from './crc32c.js'

describe('crc32c', () => {
  it.each([
    ['the check value of CRC-32C', Buffer.from('123456789'), 0xe3069283],
    ['nothing', Buffer.alloc(0), 0],
    // RFC 3720, appendix B.4, which prints the bytes in the order of transmission.
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 bytes 0xff', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
    ['31 to 0', Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
  ])('of %s', (_, bytes, wanted) => {
    expect(crc32c(bytes)).toBe(wanted)
  })

  it('is masked as in TensorFlow, modulo 2³²', () => {
    const crc = 0xe3069283
    const rotated = BigInt(((crc >>> 15) | (crc << 17)) >>> 0)
    expect(maskedCrc32c(Buffer.from('123456789'))).toBe(Number((rotated + 0xa282ead8n) & 0xffffffffn))
  })
})
