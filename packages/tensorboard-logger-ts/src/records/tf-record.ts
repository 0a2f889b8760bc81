import { TensorBoardLoggerError } from '../errors/tensorboard-logger-error.js'
import { maskedCrc32c } from './crc32c.js'

/** Length (8 bytes) and its checksum (4 bytes). */
const HEADER = 12
/** Checksum of the data. */
const FOOTER = 4

/**
 * One TFRecord, little-endian:
 *
 *     uint64 length | uint32 masked crc of length | data | uint32 masked crc of data
 *
 * @see tensorflow/core/lib/io/record_writer.h
 */
export function encodeRecord(data: Uint8Array): Buffer {
  const record = Buffer.alloc(HEADER + data.length + FOOTER)
  record.writeBigUInt64LE(BigInt(data.length), 0)
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8)
  record.set(data, HEADER)
  record.writeUInt32LE(maskedCrc32c(data), HEADER + data.length)
  return record
}

/**
 * The data of each record in the bytes of a file. A record that is cut off at the end, as a process that was
 * killed leaves it, ends the sequence.
 *
 * @throws {TensorBoardLoggerError} `TBL_RECORD` when a checksum differs.
 */
export function* decodeRecords(bytes: Uint8Array): Generator<Uint8Array> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let start = 0
  while (start + HEADER <= file.length) {
    expectChecksum(file.subarray(start, start + 8), file.readUInt32LE(start + 8), start)
    const end = start + HEADER + Number(file.readBigUInt64LE(start))
    if (end + FOOTER > file.length) return
    const data = file.subarray(start + HEADER, end)
    expectChecksum(data, file.readUInt32LE(end), start)
    yield data
    start = end + FOOTER
  }
}

function expectChecksum(bytes: Uint8Array, stored: number, offset: number): void {
  const computed = maskedCrc32c(bytes)
  if (computed === stored) return
  throw new TensorBoardLoggerError('TBL_RECORD', {
    who: 'decodeRecords',
    wanted: `the checksum ${stored} in the record at byte ${offset}`,
    got: String(computed),
    fix: 'The file is damaged, or is no event file.',
  })
}
