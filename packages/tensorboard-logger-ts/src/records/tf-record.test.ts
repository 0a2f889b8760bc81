import { describe, expect, it } from 'vitest'
import { decodeRecords, encodeRecord } from './tf-record.js'

/** `tensorboard.summary.writer.record_writer.RecordWriter` 2.21.0 on b'hello'. */
const HELLO = Buffer.from('0500000000000000eab2043e68656c6c6fbb1f1c19', 'hex')

describe('encodeRecord', () => {
  it('frames bytes as TensorBoard does', () => {
    expect(encodeRecord(Buffer.from('hello'))).toEqual(HELLO)
  })
})

describe('decodeRecords', () => {
  const data = [Buffer.from('hello'), Buffer.alloc(0), Buffer.alloc(70_000, 7)]
  const file = Buffer.concat(data.map(encodeRecord))

  it('gives back what was framed', () => {
    expect([...decodeRecords(file)]).toEqual(data)
  })

  it('ends at a record that is cut off', () => {
    expect([...decodeRecords(file.subarray(0, -1))]).toEqual(data.slice(0, 2))
    expect([...decodeRecords(file.subarray(0, 5))]).toEqual([])
  })

  it.each([0, 8, 12, 17])('refuses a record whose byte %i is wrong', (position) => {
    const damaged = Buffer.from(file)
    damaged[position]! ^= 1
    expect(() => [...decodeRecords(damaged)]).toThrow(
      expect.objectContaining({ code: 'TBL_RECORD', message: expect.stringContaining('in the record at byte 0') }),
    )
  })
})
