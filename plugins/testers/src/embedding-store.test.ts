import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataError, StateError } from '@metric-learning/contracts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EmbeddingStore } from './embedding-store.js'

const openFiles = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0)

describe('EmbeddingStore', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'store-'))
    vi.stubEnv('TMPDIR', folder)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true, force: true })
  })

  it('keeps what fits in memory, and the rest in files without a name, until it is cleared', () => {
    const before = openFiles()
    const store = new EmbeddingStore('tester', 4 * 6)
    const [first, second] = [store.create(3, 2), store.create(2, 2)]
    first.write(0, Float32Array.of(1, 2, 3, 4))
    first.write(1, Float32Array.of(5, 6, 7, 8))
    second.write(1, Float32Array.of(3, 4))
    second.write(0, Float32Array.of(1, 2))
    expect([...first.read()]).toEqual([1, 2, 5, 6, 7, 8])
    expect(first.read()).toBe(first.read())
    expect([...second.read()]).toEqual([1, 2, 3, 4])
    expect(second.read()).not.toBe(second.read())
    expect(readdirSync(folder)).toEqual([])
    expect(openFiles()).toBe(before + 1)
    store.clear()
    expect(openFiles()).toBe(before)
    expect(() => second.read()).toThrow(StateError)
    expect([...first.read()]).toEqual([1, 2, 5, 6, 7, 8])
  })

  it('reads rows that were not written as 0, from memory and from files', () => {
    for (const budget of [0, 1000]) {
      const store = new EmbeddingStore('tester', budget)
      const rows = store.create(3, 1)
      rows.write(1, Float32Array.of(7))
      expect([...rows.read()]).toEqual([0, 7, 0])
      store.clear()
    }
  })

  it('says what folder can not be written', () => {
    rmSync(folder, { recursive: true })
    expect(() => new EmbeddingStore('tester', 0).create(1, 1)).toThrow(DataError)
    expect(() => new EmbeddingStore('tester', 0).create(1, 1)).toThrow(folder)
  })
})
