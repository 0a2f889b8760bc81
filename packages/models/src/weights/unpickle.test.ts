import { describe, expect, it } from 'vitest'
import { readTorchFile } from './torch-file.js'
import { unpickle } from './unpickle.js'

const bytes = (...parts: (string | number)[]) => Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part].map((letter) => letter.charCodeAt(0)))))

describe('unpickle', () => {
  it('reads numbers, texts, lists and dicts, and says where they end', () => {
    // pickle.dumps({'a': [1, 300, -2, 1.5, True, None], 'b': ()}, 2)
    const text = '8002 7d71 0028 5801 0000 0061 7101 5d71 0228 4b01 4d2c 014a feff ffff 473f f800 0000 0000 0088 4e65 5801 0000 0062 7103 2975 2e'
    const pickle = Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
    const { value, end } = unpickle(Uint8Array.from([...pickle, 1, 2]))
    expect(value).toEqual(new Map<string, unknown>([['a', [1, 300, -2, 1.5, true, undefined]], ['b', []]]))
    expect(end).toBe(pickle.length)
  })

  it('calls nothing that it does not know', () => {
    // What os.system('true') pickles to.
    expect(() => unpickle(bytes(0x80, 2, 'cposix\nsystem\n', 'X', 4, 0, 0, 0, 'true', 0x85, 'R.'))).toThrow('a call of posix.system, which is not made')
    expect(() => unpickle(bytes(0x80, 2, 'i'))).toThrow('a pickle with the code 0x69')
    expect(() => unpickle(bytes(0x80, 2, 'N'))).toThrow('cut off')
  })
})

describe('readTorchFile', () => {
  it('refuses what is no state dict', () => {
    expect(() => readTorchFile('x.pth', bytes('PK', 3, 4))).toThrow('wanted a state dict of torch.save in x.pth, got a zip archive that is cut off')
    expect(() => readTorchFile('x.pth', bytes(0x80, 2, 'K', 1, '.'))).toThrow('got another file')
  })
})
