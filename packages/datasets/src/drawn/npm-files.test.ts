import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataError } from '@metric-learning/contracts'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { npmFiles } from './npm-files.js'
import { smallPackage } from './small-package.fixture.js'

const base = await mkdtemp(join(tmpdir(), 'npm-files-'))
afterAll(() => rm(base, { recursive: true }))
const bytes = (text: string) => new TextEncoder().encode(text)

describe('npmFiles', { timeout: 120_000 }, async () => {
  const one = await smallPackage(join(base, 'made'), '@scope/one', { 'deep/er.txt': bytes('one'), 'other.txt': bytes('not wanted') })
  const two = await smallPackage(join(base, 'made'), 'two', { 'two.txt': bytes('two') })
  const wanted = { ...one, files: { 'deep/er.txt': one.files['deep/er.txt']! } }

  it('fetches what is missing, says how much that is first, and keeps only what is wanted', async () => {
    const folder = join(base, 'kept')
    const progress: number[][] = []
    const ask = (...sources: (typeof one)[]) => npmFiles({ who: 'test', sources, folder, onFetched: (...numbers) => progress.push(numbers) })
    await ask(wanted)
    const path = await ask(wanted, two)
    expect(await readFile(path(wanted, 'deep/er.txt'), 'utf8')).toBe('one')
    expect(await readFile(path(two, 'two.txt'), 'utf8')).toBe('two')
    expect(await readdir(folder, { recursive: true })).toEqual(expect.not.arrayContaining([expect.stringMatching(/other|package\.json|fetching/)]))
    await ask(wanted, two)
    expect(progress).toEqual([[0, 1000], [1000, 1000], [0, 1000], [1000, 1000]])
    await writeFile(path(two, 'two.txt'), 'damaged')
    await ask(wanted, two)
    expect(await readFile(path(two, 'two.txt'), 'utf8')).toBe('two')
  })

  it('takes no other file than the pinned one, and leaves nothing behind', async () => {
    const folder = join(base, 'other')
    const sources = [{ ...two, files: { 'two.txt': '0'.repeat(64) } }]
    await expect(npmFiles({ who: 'test', sources, folder })).rejects.toThrow(`test: wanted two.txt of two@1.0.0 with SHA-256 ${'0'.repeat(64)}, got ${two.files['two.txt']}`)
    expect(await readdir(folder)).toEqual([])
  })

  it('says what to do without a network, and without npm', async () => {
    const folder = join(base, 'offline')
    vi.stubEnv('npm_config_offline', 'true')
    vi.stubEnv('npm_config_cache', join(base, 'npm-cache'))
    const sources = [{ name: 'two', version: '1.0.0', bytes: two.bytes, files: two.files }]
    await expect(npmFiles({ who: 'test', sources, folder })).rejects.toThrow(DataError)
    await expect(npmFiles({ who: 'test', sources, folder })).rejects.toThrow(/wanted the npm package two@1\.0\.0, got npm error code ENOTCACHED\. .* without a network, copy .*offline from a machine/)
    vi.stubEnv('PATH', join(base, 'nothing'))
    await expect(npmFiles({ who: 'test', sources, folder })).rejects.toThrow('got no `npm` on the PATH')
    vi.unstubAllEnvs()
  })
})
