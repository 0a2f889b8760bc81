import { describe, expect, it } from 'vitest'
import { parseCommand } from './options.js'
import { expectPrecision } from './precision.js'

describe('expectPrecision', () => {
  const { options: bfloat16 } = parseCommand(['--precision', 'bfloat16'])

  it('refuses bfloat16 where steps are not compiled, in flags', () => {
    for (const backend of ['wasm', 'cpu'] as const) {
      expect(() => {
        expectPrecision(bfloat16, backend)
      }).toThrow(
        `quickstart: wanted a native backend for --precision bfloat16, got ${backend}. Pass --backend native-cpu or --backend cuda, or leave --precision out.`,
      )
    }
  })

  it('takes it on native backends and where it is open which one comes, and float32 everywhere', () => {
    for (const backend of ['cuda', 'native-cpu', 'auto'] as const) expectPrecision(bfloat16, backend)
    expectPrecision(parseCommand([]).options, 'wasm')
  })
})
