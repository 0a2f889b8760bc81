import { open } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { RecordStream } from './record-stream.js'

describe('RecordStream', () => {
  // The device that is always full.
  it.skipIf(process.platform !== 'linux')('tells the error of the disk at flush and at close, again and again', async () => {
    const records = new RecordStream('full', await open('/dev/full', 'w'), 1000)
    records.write('test', Buffer.alloc(10))
    const told = expect.objectContaining({
      code: 'TBL_IO',
      message: expect.stringContaining('EventFileWriter: wanted to write to full, got ENOSPC: no space left on device'),
    })
    await expect(records.flush()).rejects.toThrow(told)
    records.write('test', Buffer.alloc(10))
    await expect(records.flush()).rejects.toThrow(told)
    await expect(records.close()).rejects.toThrow(told)
    await expect(records.close()).rejects.toThrow(told)
  })
})
