/** Where torch keeps numbers. */
export class Storage {
  constructor(
    /** Such as `FloatStorage`. */
    readonly kind: string,
    readonly key: string,
  ) {}
}

/** A tensor as it is pickled: a view of a storage. */
export interface StoredArray {
  readonly storage: Storage
  /** In numbers. */
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

/** A name of Python, which is not looked up. */
class Global {
  constructor(readonly name: string) {}
}

const MARK = Symbol('mark')

/** What a state dict is made with; everything else is refused. */
const CALLS: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  'collections.OrderedDict': () => new Map(),
  'torch._utils._rebuild_tensor_v2': ([storage, offset, shape, strides]) => ({ storage, offset, shape, strides }) as StoredArray,
  'torch._utils._rebuild_parameter': ([data]) => data,
}

/**
 * Reads a pickle of protocol 2 that holds numbers, texts, lists, dicts (as Maps) and tensors of torch, up to its end. Calls nothing
 * but what {@link CALLS} has, of its own.
 *
 * @returns the value, and how many bytes the pickle has
 * @throws {Error} when there is anything else in it.
 */
export function unpickle(bytes: Uint8Array): { readonly value: unknown; readonly end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stack: unknown[] = []
  const memo = new Map<number, unknown>()
  let at = 0
  const text = (length: number) => new TextDecoder().decode(bytes.subarray(at, (at += length)))
  const line = () => {
    const end = bytes.indexOf(10, at)
    const read = text(end - at)
    at += 1
    return read
  }
  const number = (size: 1 | 2 | 4) => {
    const value = size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at, true) : view.getInt32(at, true)
    at += size
    return value
  }
  const sinceMark = () => {
    const start = stack.lastIndexOf(MARK)
    const taken = stack.splice(start)
    return taken.slice(1)
  }
  const setAll = (items: readonly unknown[]) => {
    const map = stack.at(-1) as Map<unknown, unknown>
    for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1])
  }
  const steps: Readonly<Record<string, () => void>> = {
    '\x80': () => (at += 1),
    '(': () => stack.push(MARK),
    '}': () => stack.push(new Map()),
    ']': () => stack.push([]),
    ')': () => stack.push([]),
    N: () => stack.push(undefined),
    '\x88': () => stack.push(true),
    '\x89': () => stack.push(false),
    J: () => stack.push(number(4)),
    K: () => stack.push(number(1)),
    M: () => stack.push(number(2)),
    G: () => {
      stack.push(view.getFloat64(at))
      at += 8
    },
    '\x8a': () => {
      const length = number(1)
      let value = 0n
      for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i]!)
      at += length
      stack.push(length > 6 ? value : Number(value))
    },
    X: () => stack.push(text(number(4))),
    U: () => stack.push(text(number(1))),
    q: () => memo.set(number(1), stack.at(-1)),
    r: () => memo.set(number(4), stack.at(-1)),
    h: () => stack.push(memo.get(number(1))),
    j: () => stack.push(memo.get(number(4))),
    t: () => stack.push(sinceMark()),
    '\x85': () => stack.push(stack.splice(-1)),
    '\x86': () => stack.push(stack.splice(-2)),
    '\x87': () => stack.push(stack.splice(-3)),
    u: () => {
      setAll(sinceMark())
    },
    s: () => {
      setAll(stack.splice(-2))
    },
    e: () => {
      const items = sinceMark()
      ;(stack.at(-1) as unknown[]).push(...items)
    },
    a: () => {
      const item = stack.pop()
      ;(stack.at(-1) as unknown[]).push(item)
    },
    c: () => stack.push(new Global(`${line()}.${line()}`)),
    R: () => {
      const [called, args] = stack.splice(-2) as [unknown, readonly unknown[]]
      const make = called instanceof Global && Object.hasOwn(CALLS, called.name) ? CALLS[called.name] : undefined
      if (!make) throw new Error(`a call of ${called instanceof Global ? called.name : 'something'}, which is not made`)
      stack.push(make(args))
    },
    // Attributes, such as the versions of modules.
    b: () => stack.pop(),
    Q: () => {
      const [, kind, key] = stack.pop() as readonly [string, Global, string]
      stack.push(new Storage(kind.name.replace(/^torch\./, ''), key))
    },
  }
  for (;;) {
    if (at >= bytes.length) throw new Error('a pickle that is cut off')
    const code = String.fromCharCode(bytes[at]!)
    at += 1
    if (code === '.') return { value: stack.pop(), end: at }
    const step = Object.hasOwn(steps, code) ? steps[code] : undefined
    if (!step) throw new Error(`a pickle with the code 0x${code.charCodeAt(0).toString(16)}`)
    step()
  }
}
