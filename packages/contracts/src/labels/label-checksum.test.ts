import { expect, it } from 'vitest'
import { labelChecksum } from './label-checksum.js'

it('knows the same labels again, and other ones, or another order, from them', () => {
  const sum = labelChecksum(Int32Array.of(0, 1, 2, 3))
  expect(labelChecksum(Int32Array.of(0, 1, 2, 3))).toBe(sum)
  for (const others of [[0, 1, 3, 2], [0, 1, 2, -3], [0, 1, 2], [0, 1, 2, 4]]) expect(labelChecksum(Int32Array.from(others))).not.toBe(sum)
  // The bytes of "foobar", as in the tables of the hash's authors.
  expect(labelChecksum(Int32Array.from(Buffer.from('foobar')))).toBe(0xbf9cf968)
})
