/** The bytes of an image file without defects that leave its picture whole, and which those were. */
export interface MendedImage {
  readonly bytes: Buffer
  /** In words, such as `4 stray bytes before a marker`; empty when nothing was changed. */
  readonly defects: readonly string[]
  /** Of a JPEG without an end marker: whether the picture is whole has to be shown, see {@link otherEnds}. */
  readonly isEndless?: boolean
}

/**
 * An endless JPEG with bytes between its data and the end marker that was put there. A picture that is whole is the same
 * with all of them, since a decoder passes over what follows its last block; one that is cut off takes them for its data.
 */
export const otherEnds = (mended: Buffer): Buffer[] =>
  [0x55, 0xa9].map((filler) => Buffer.concat([mended.subarray(0, -2), Buffer.alloc(512, filler), END_OF_IMAGE]))

/**
 * Puts right what viewers pass over without a word: in a JPEG, stray bytes between the segments of its header, scan parameters
 * of a progressive picture in one that is not, and a missing end marker where no scan is missing; in a PNG, a missing end. Data of
 * the picture is never touched, so that decoding still finds what is cut off or damaged.
 */
export function mendImage(bytes: Buffer): MendedImage {
  if (bytes.readUInt16BE(0) === SOI) return mendJpeg(bytes)
  if (bytes.subarray(0, 8).equals(PNG_SIGNATURE) && bytes.lastIndexOf('IEND') === -1) {
    return { bytes: Buffer.concat([bytes, PNG_END]), defects: [NO_END] }
  }
  return { bytes, defects: [] }
}

const NO_END = 'no end marker'

/** Start of image. */
const SOI = 0xffd8
const START_OF_SCAN = Buffer.from([0xff, 0xda])
const END_OF_IMAGE = Buffer.from([0xff, 0xd9])
const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
/** The chunk IEND: length, type, CRC-32. */
const PNG_END = Buffer.from([0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82])

/** Markers of frames: baseline, extended, progressive. */
const FRAMES = new Set([0xc0, 0xc1, 0xc2])

function mendJpeg(bytes: Buffer): MendedImage {
  const header = readHeader(bytes)
  if (!header) return { bytes, defects: [] }
  const { segments, stray, isSequential, scan } = header
  const defects: string[] = []
  const parts = [bytes.subarray(0, 2), ...segments]
  if (stray > 0) defects.push(`${stray} stray ${stray === 1 ? 'byte' : 'bytes'} before a marker`)

  const hasEnd = bytes.lastIndexOf(END_OF_IMAGE) > scan
  const data = hasEnd ? bytes.subarray(scan) : withoutFiller(bytes.subarray(scan))
  const end = 2 + data.readUInt16BE(2)
  // First and last coefficient, and bits of approximation: of a scan that is not progressive all of them, at once.
  const whole = Buffer.from([0, 63, 0])
  if (isSequential && !data.subarray(end - 3, end).equals(whole)) {
    defects.push('scan parameters of a progressive picture')
    parts.push(data.subarray(0, end - 3), whole, data.subarray(end))
  } else {
    parts.push(data)
  }
  const isEndless = !hasEnd && hasAllScans(header, data)
  if (isEndless) {
    defects.push(NO_END)
    parts.push(END_OF_IMAGE)
  }
  return defects.length > 0 ? { bytes: Buffer.concat(parts), defects, isEndless } : { bytes, defects }
}

/** Zeros at the end of a file that was never written to its end; the first of them may be of the data. */
function withoutFiller(data: Buffer): Buffer {
  let end = data.length
  while (end > 0 && data[end - 1] === 0) end--
  return data.length - end < 16 ? data : data.subarray(0, end + 1)
}

/** Whether each coefficient of each component is in a scan, down to its last bit. */
function hasAllScans({ components, isSequential }: JpegHeader, data: Buffer): boolean {
  const missing = new Map(components.map((id) => [id, new Set(Array(64).keys())]))
  for (let at = 0; at !== -1; at = data.indexOf(START_OF_SCAN, at + 2)) {
    const count = data[at + 4] ?? 0
    const last = at + 5 + 2 * count
    if (last + 3 > data.length) return false
    const [from, to, bits] = isSequential ? [0, 63, 0] : [data[last]!, data[last + 1]!, data[last + 2]! & 15]
    for (let i = 0; i < count; i++) {
      const coefficients = missing.get(data[at + 5 + 2 * i]!)
      for (let k = from; bits === 0 && k <= to; k++) coefficients?.delete(k)
    }
  }
  return [...missing.values()].every(({ size }) => size === 0)
}

interface JpegHeader {
  /** Marker segments up to the first scan. */
  readonly segments: readonly Buffer[]
  /** Bytes between them that belong to none. */
  readonly stray: number
  /** Whether the picture is not progressive. */
  readonly isSequential: boolean
  /** Their numbers. */
  readonly components: readonly number[]
  /** Where the first scan begins, with its marker. */
  readonly scan: number
}

/** `undefined` when it does not come to a scan. */
function readHeader(bytes: Buffer): JpegHeader | undefined {
  const segments: Buffer[] = []
  let stray = 0
  let isSequential = false
  let components: number[] = []
  let from = 2
  for (;;) {
    const at = nextMarker(bytes, from)
    if (at === undefined) return undefined
    for (let i = from; i < at; i++) if (bytes[i] !== 0xff) stray++
    const marker = bytes[at + 1]!
    const end = at + 2 + bytes.readUInt16BE(at + 2)
    if (marker === 0xd9 || end > bytes.length) return undefined
    if (marker === 0xda) return { segments, stray, isSequential, components, scan: at }
    if (FRAMES.has(marker)) {
      isSequential = marker !== 0xc2
      components = Array.from({ length: bytes[at + 9] ?? 0 }, (_, i) => bytes[at + 10 + 3 * i] ?? 0)
    }
    segments.push(bytes.subarray(at, end))
    from = end
  }
}

/** Where a marker with a length behind it begins; fill bytes, 0xff, may stand before it. */
function nextMarker(bytes: Buffer, from: number): number | undefined {
  for (let at = bytes.indexOf(0xff, from); at !== -1 && at + 4 <= bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    if (bytes[at + 1] !== 0x00 && bytes[at + 1] !== 0xff) return at
  }
  return undefined
}
