/** What {@link tiff} writes. */
export interface TiffOptions {
  /** Of one row, all channels of a pixel one after the other. */
  readonly samples: Uint8Array | Uint16Array | Int16Array | Uint32Array | Float32Array
  /** Default 1. */
  readonly channels?: number
  /** 1 grey, 2 RGB, 8 CIELAB. Default 1. */
  readonly photometric?: number
}

/** A TIFF of one row without compression. */
export function tiff({ samples, channels = 1, photometric = 1 }: TiffOptions): Buffer {
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
  const sampleFormat = samples instanceof Float32Array ? 3 : samples instanceof Int16Array ? 2 : 1
  const bits = 8 * samples.BYTES_PER_ELEMENT
  const entries = [
    [0x100, samples.length / channels],
    [0x101, 1],
    [0x102, ...Array.from({ length: channels }, () => bits)],
    [0x103, 1],
    [0x106, photometric],
    [0x111, 0],
    [0x115, channels],
    [0x116, 1],
    [0x117, data.length],
    [0x153, ...Array.from({ length: channels }, () => sampleFormat)],
  ] as const
  const listEnd = 10 + 12 * entries.length + 4
  const long = entries.filter(([, ...values]) => values.length > 2)
  const start = listEnd + long.reduce((sum, [, ...values]) => sum + 2 * values.length, 0)
  const file = Buffer.alloc(start)
  file.write('II*\0', 'latin1')
  file.writeUInt32LE(8, 4)
  file.writeUInt16LE(entries.length, 8)
  let behind = listEnd
  for (const [i, [tag, ...values]] of entries.entries()) {
    const at = 10 + 12 * i
    file.writeUInt16LE(tag, at)
    file.writeUInt16LE(3, at + 2)
    file.writeUInt32LE(values.length, at + 4)
    if (values.length > 2) file.writeUInt32LE(behind, at + 8)
    for (const [k, value] of values.entries()) file.writeUInt16LE(tag === 0x111 ? start : value, values.length > 2 ? behind + 2 * k : at + 8 + 2 * k)
    if (values.length > 2) behind += 2 * values.length
  }
  return Buffer.concat([file, data])
}
