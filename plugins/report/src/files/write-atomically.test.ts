import { mkdtemp, readdir, readFile, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeAtomically } from './write-atomically.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('writeAtomically', () => {
  it('makes folders, replaces what was there and leaves nothing else behind', async () => {
    const file = join(folder, 'a', 'b', 'page.html')
    await writeAtomically(file, 'first, and longer')
    await writeAtomically(file, 'second')
    expect(await readFile(file, 'utf8')).toBe('second')
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['page.html'])
  })

  it('cleans up when it cannot', async () => {
    await mkdir(join(folder, 'taken'))
    await expect(writeAtomically(join(folder, 'taken'), 'x')).rejects.toThrow()
    expect(await readdir(folder)).toEqual(['taken'])
  })
})
