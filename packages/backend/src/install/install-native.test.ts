import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { BackendError } from '@metric-learning/contracts'
import { installNative } from './install-native.js'
import { nativeLayout } from './native-layout.js'

/** An empty folder for the length of a test. */
function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), name))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** `pip download` leaves an empty wheel, unpacking leaves an empty library. */
const workingPython = `
if [ "$2" = pip ]; then
  while [ $# -gt 0 ]; do [ "$1" = --dest ] && touch "$2/some.whl"; shift; done
elif [ $# -gt 2 ]; then
  mkdir -p "$3/tensorflow"
fi`
/** Leaves an empty file where the addon should be. */
const workingCompiler = 'while [ $# -gt 0 ]; do [ "$1" = -o ] && touch "$2"; shift; done; exit 0'
const noNetwork = 'if [ "$3" = download ]; then echo "ERROR: Temporary failure in name resolution"; exit 1; fi'

/** Replaces the tools on the PATH by shell scripts. */
function useTools(tools: Record<string, string>): void {
  const folder = temporaryFolder('tools-')
  for (const [name, body] of Object.entries(tools)) {
    writeFileSync(join(folder, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${body}\n`, { mode: 0o755 })
  }
  vi.stubEnv('PATH', folder)
  vi.stubEnv('CXX', undefined)
}

afterEach(() => {
  vi.unstubAllEnvs()
})

const newCache = () => temporaryFolder('cache-')

/** Attempts a set-up; what it said, and how it failed. */
async function attempt(cache: string): Promise<{ lines: string[]; message: string }> {
  const lines: string[] = []
  try {
    await installNative({ cache, variant: 'cpu', log: (line) => lines.push(line) })
    return { lines, message: '' }
  } catch (error) {
    expect(error).toBeInstanceOf(BackendError)
    return { lines, message: (error as Error).message }
  }
}

describe.runIf(process.platform === 'linux')('installNative', () => {
  it('looks for all tools before it downloads anything', async () => {
    useTools({ python3: workingPython })
    const { lines, message } = await attempt(newCache())
    expect(message).toContain('got no `g++` and no `clang++`')
    expect(lines).toEqual([])
  })

  it('says in one line that there is no network, and leaves nothing half done', async () => {
    const cache = newCache()
    useTools({ python3: noNetwork, 'g++': workingCompiler })
    const { lines, message } = await attempt(cache)
    expect(lines[0]).toMatch(/^fetching TensorFlow 2\.\d+\.\d+ \(cpu, \d+ MB\)/)
    expect(message).toContain('no connection to the package index')
    expect(message).not.toContain('\n')
    expect(readdirSync(cache)).toEqual(['downloads'])
  })

  it('keeps a finished library when the compiler fails, and does not fetch it again', async () => {
    const cache = newCache()
    useTools({ python3: workingPython, 'g++': '[ "$1" = --version ] || { echo "fatal error: no C++17"; exit 1; }' })
    const first = await attempt(cache)
    expect(first.message).toContain('fatal error: no C++17')
    expect(existsSync(nativeLayout('cpu', cache).library)).toBe(true)

    useTools({ python3: noNetwork, 'g++': workingCompiler })
    const second = await attempt(cache)
    expect(second.lines.join()).not.toContain('fetching')
    expect(second.lines.join()).toContain('compiled')
  })

  it('does not keep an addon that fails its test', async () => {
    const cache = newCache()
    useTools({ python3: workingPython, 'g++': workingCompiler })
    const { message } = await attempt(cache)
    expect(message).toContain('wanted the new addon to pass a convolution with gradients')
    expect(existsSync(nativeLayout('cpu', cache).addon)).toBe(false)
    expect(readdirSync(cache).filter((name) => name.startsWith('tmp-'))).toEqual([])
  })

  it('removes what a killed set-up left', async () => {
    const cache = newCache()
    mkdirSync(join(cache, 'tmp-1-2/half'), { recursive: true })
    useTools({ python3: noNetwork, 'g++': workingCompiler })
    await attempt(cache)
    expect(readdirSync(cache)).toEqual(['downloads'])
  })

  it('says when the cache cannot be written', async () => {
    const file = join(newCache(), 'a-file')
    writeFileSync(file, '')
    const { message } = await attempt(join(file, 'cache'))
    expect(message).toContain(`wanted a folder to write to at ${join(file, 'cache')}`)
    expect(message).toContain('METRIC_LEARNING_CACHE')
  })

  it('is done at once when everything is there', async () => {
    const cache = newCache()
    const { library, addon, quietly } = nativeLayout('cpu', cache)
    mkdirSync(library)
    mkdirSync(join(addon, '..'))
    writeFileSync(addon, '')
    writeFileSync(quietly, '')
    useTools({})
    await expect(installNative({ cache, variant: 'cpu' })).resolves.toMatchObject({ fresh: false, library, addon })
  })
})
