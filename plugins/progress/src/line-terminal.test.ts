import { describe, expect, it } from 'vitest'
import { LineTerminal, terminalKind } from './line-terminal.js'

describe('terminalKind', () => {
  const write = () => undefined
  it.each([
    ['escapes', true, {}],
    ['escapes', true, { TERM: 'xterm', CI: 'false', NO_COLOR: '' }],
    ['plain', true, { NO_COLOR: '1' }],
    ['lines', true, { TERM: 'dumb' }],
    ['lines', true, { CI: '1' }],
    ['lines', true, { CI: 'true', NO_COLOR: '1' }],
    ['lines', false, {}],
    ['lines', undefined, {}],
  ])('is %s where isTTY is %s, with %o', (kind, isTTY, env) => {
    expect(terminalKind(isTTY === undefined ? { write } : { write, isTTY }, env)).toBe(kind)
  })
})

describe('LineTerminal', () => {
  const written = (kind: 'escapes' | 'plain') => {
    const parts: string[] = []
    const terminal = new LineTerminal({ write: (text) => parts.push(text), columns: 0 }, kind)
    for (const text of ['象 long', 'short']) {
      terminal.cursorTo()
      terminal.write(text)
      terminal.clearRight()
    }
    terminal.clearLine()
    expect(terminal.getWidth()).toBe(80)
    return parts
  }

  it('rewrites its line at once', () => {
    expect(written('escapes')).toEqual(['\r象 long\x1b[K', '\rshort\x1b[K', '\r\x1b[K'])
  })

  it('rewrites it without escape sequences', () => {
    expect(written('plain')).toEqual(['\r象 long', '\rshort  ', '\r     \r'])
  })
})
