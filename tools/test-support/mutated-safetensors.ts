import { Random } from '../../packages/contracts/src/index.js'

/** Bits of a number, by type. */
const BITS: Readonly<Record<string, number>> = {
  ...{ F32: 32, I32: 32, BOOL: 8, U8: 8, F64: 64, I64: 64, F16: 16, BF16: 16, C64: 64, U64: 64, U32: 32, I16: 16, U16: 16, I8: 8 },
  ...{ F8_E4M3: 8, F8_E4M3FNUZ: 8, F8_E5M2: 8, F8_E5M2FNUZ: 8, F8_E8M0: 8, F6_E2M3: 6, F6_E3M2: 6, F4: 4 },
}
const TYPES = Object.keys(BITS)

/** What stands in a header where it should not, or stands there otherwise than one writes it. */
const TEXTS = [
  ...['{', '}', '[', ']', ',', ':', '"', ' ', '\n', '\t', '\\', '\0', '\ufeff', 'é', '\u2028', '[[[[', '}}', '[],', '{},'],
  ...['0', '1', '-1', '-0', '1.0', '1e0', '4e0', '1e999', '-1e999', '00', '0x4', '9007199254740993', '18446744073709551616', '340282366920938463463374607431768211456'],
  ...['null', 'true', 'NaN', 'Infinity', 'undefined', "'", '//', '"a":1,', '"\\ud800"', '"\\u0078"', '"\\u0000"', '"__metadata__":{},', '"shape":[1],', `${'['.repeat(130)}${']'.repeat(130)}`],
]

interface Entry {
  dtype: unknown
  shape: unknown
  data_offsets: unknown
}

/**
 * Bytes that are nearly safetensors files: whole ones of which the header, the length of it, or the end was changed. About a
 * quarter of them are whole still.
 *
 * @param seed equal seeds give equal bytes
 */
export function* mutatedSafetensors(seed: number, count: number): Generator<Uint8Array> {
  for (let i = 0; i < count; i++) yield mutated(Random.at(seed, 'mutatedSafetensors', i))
}

function mutated(random: Random): Uint8Array {
  const fields = wholeFile(random)
  const times = random.int(3)
  for (let i = 0; i < times; i++) pick(random, FIELD_CHANGES)(fields, random)
  let header: Uint8Array<ArrayBufferLike> = new TextEncoder().encode(`{${fields.entries.map(([name, value]) => `${quoted(name)}:${JSON.stringify(value)}`).join(',')}}`)
  if (random.int(3) === 0) header = pick(random, BYTE_CHANGES)(header, random)
  const length = header.length + (random.int(20) === 0 ? random.int(17) - 8 : 0)
  const size = Math.max(0, fields.size + (random.int(15) === 0 ? random.int(9) - 4 : 0))
  const bytes = new Uint8Array(8 + header.length + size)
  new DataView(bytes.buffer).setBigUint64(0, random.int(100) === 0 ? 2n ** BigInt(random.int(64)) : BigInt(Math.max(0, length)), true)
  bytes.set(header, 8)
  for (let i = 8 + header.length; i < bytes.length; i++) bytes[i] = random.int(256)
  return random.int(50) === 0 ? bytes.subarray(0, random.int(bytes.length + 1)) : bytes
}

/** Not all escapes can be written by `JSON.stringify`, so names may bring their own. */
const quoted = (name: string): string => (name.startsWith('\\') ? `"${name}"` : JSON.stringify(name))

interface Fields {
  readonly entries: [name: string, value: unknown][]
  size: number
}

function wholeFile(random: Random): Fields {
  const entries: Fields['entries'] = []
  let size = 0
  for (let tensors = random.int(4), i = 0; i < tensors; i++) {
    const dtype = pick(random, TYPES)
    // By eights, so that types of less than a byte end at one.
    const shape = [pick(random, [0, 8, 8, 16]), ...Array.from({ length: random.int(3) }, () => random.int(3))]
    const bytes = (shape.reduce((product, extent) => product * extent, 1) * BITS[dtype]!) / 8
    entries.push([pick(random, ['weight', 'bias', 'x', '__proto__', 'ü', '', '0', '象.b']) + (random.int(4) ? String(i) : ''), { dtype, shape, data_offsets: [size, size + bytes] }])
    size += bytes
  }
  if (random.int(4) === 0) entries.push(['__metadata__', { format: 'pt' }])
  return { entries: random.shuffle(entries), size }
}

const pick = <T>(random: Random, from: readonly T[]): T => from[random.int(from.length)]!

const someEntry = ({ entries }: Fields, random: Random): Partial<Entry> | undefined => {
  const value = entries.length > 0 ? pick(random, entries)[1] : undefined
  return typeof value === 'object' && value !== null && 'dtype' in value ? value : undefined
}

const FIELD_CHANGES: readonly ((fields: Fields, random: Random) => void)[] = [
  // Offsets that move: overlaps, holes, ends that do not fit.
  (fields, random) => {
    const entry = someEntry(fields, random)
    if (!entry || !Array.isArray(entry.data_offsets)) return
    const [begin, end] = entry.data_offsets as [number, number]
    const by = pick(random, [-8, -4, -1, 1, 4, 8])
    entry.data_offsets = pick(random, [[begin + by, end + by], [begin + by, end], [begin, end + by], [end, begin], [begin], [begin, end, end], [begin, begin], [0, end - begin]])
  },
  (fields, random) => {
    const entry = someEntry(fields, random)
    if (entry) entry.shape = pick<unknown>(random, [[-1, -1], [2 ** 32, 2 ** 32, 0], [0, 2 ** 40, 2 ** 40], [1.5], ['8'], [[8]], 8, null, [], [8, 1], [1, 8, 1], [2 ** 53], {}])
  },
  (fields, random) => {
    const entry = someEntry(fields, random)
    if (entry) entry.dtype = pick<unknown>(random, [...TYPES, 'F4_E2M1', 'f32', 'F128', 'toString', '__proto__', '', 32, null, ['F32']])
  },
  // A field that is missing, or one too many.
  (fields, random) => {
    const entry = someEntry(fields, random)
    if (entry) Reflect.deleteProperty(entry, pick(random, ['dtype', 'shape', 'data_offsets']))
  },
  (fields, random) => {
    const entry = someEntry(fields, random)
    if (entry) Object.assign(entry, { more: pick<unknown>(random, [1, -1.5, null, 'text', [], {}, [[1]], true, '\ud800', { dtype: 'F32' }]) })
  },
  // A name that is there twice, with the same place or another.
  ({ entries }, random) => {
    if (entries.length === 0) return
    const [name, value] = pick(random, entries)
    entries.push([name === 'x' ? '\\u0078' : name, random.int(2) ? value : pick(random, entries)[1]])
  },
  ({ entries }, random) => {
    if (entries.length > 0) pick(random, entries)[0] = pick(random, ['__metadata__', '\\ud800', '\\u0000', '\\ud83d\\ude00', 'a'.repeat(300), 'weight0'])
  },
  ({ entries }, random) => {
    entries.push(['__metadata__', pick<unknown>(random, [null, {}, { a: 'b' }, { a: 1 }, { a: null }, { a: {} }, [], 'text', 1, { a: '\ud800' }, { '\udc00': 'a' }])])
  },
  ({ entries }, random) => {
    entries.push(['y', pick<unknown>(random, [null, 1, 'F32', [], {}, ['F32', [1], [0, 4]], true])])
  },
  ({ entries }, random) => {
    if (entries.length > 0) entries.splice(random.int(entries.length), 1)
  },
]

const BYTE_CHANGES: readonly ((bytes: Uint8Array, random: Random) => Uint8Array<ArrayBufferLike>)[] = [
  (bytes, random) => {
    const changed = Uint8Array.from(bytes)
    changed[random.int(bytes.length)]! ^= 1 << random.int(8)
    return changed
  },
  (bytes, random) => spliced(bytes, random.int(bytes.length + 1), 0, new TextEncoder().encode(pick(random, TEXTS))),
  (bytes, random) => spliced(bytes, random.int(bytes.length), 1 + random.int(8), new TextEncoder().encode(pick(random, TEXTS))),
  (bytes, random) => spliced(bytes, random.int(bytes.length), 1 + random.int(8), new Uint8Array()),
  (bytes, random) => {
    const from = random.int(bytes.length)
    return spliced(bytes, random.int(bytes.length), 0, bytes.subarray(from, from + 1 + random.int(40)))
  },
  (bytes, random) => spliced(bytes, bytes.length, 0, new TextEncoder().encode(pick(random, [' ', '   ', '\n', '\0', '\u00a0', '}', 'null']))),
  (bytes, random) => spliced(bytes, 0, 0, new TextEncoder().encode(pick(random, [' ', '\n', '\ufeff', '\u00a0', '[', 'x']))),
  // Numbers alone, in place of another.
  (bytes, random) => {
    const digits = [...bytes.keys()].filter((i) => bytes[i]! >= 0x30 && bytes[i]! <= 0x39)
    return digits.length === 0 ? bytes : spliced(bytes, pick(random, digits), 1, new TextEncoder().encode(pick(random, ['0', '4', '8', '1.0', '8e0', '-0', '08', '1e999', '99999999999999999999'])))
  },
]

function spliced(bytes: Uint8Array, at: number, without: number, inserted: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes.subarray(0, at), ...inserted, ...bytes.subarray(at + without)])
}
