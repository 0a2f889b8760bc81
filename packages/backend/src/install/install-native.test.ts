import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { BackendError } from '@metric-learning/contracts'
import { closedCudaLibraries } from '../native/cuda-libraries.js'
import { installNative } from './install-native.js'
import { nativeLayout, type NativeLayout, type NativeVariant } from './native-layout.js'

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

const machineLacksCuda = (await closedCudaLibraries()).length > 0

/** As a set-up leaves a variant, with empty files. */
function plantInstalled(variant: NativeVariant, cache: string): NativeLayout {
  const layout = nativeLayout(variant, cache)
  mkdirSync(layout.library)
  mkdirSync(join(layout.addon, '..'))
  writeFileSync(layout.addon, '')
  writeFileSync(layout.quietly, '')
  writeFileSync(layout.neighbours, '')
  writeFileSync(layout.operations, '')
  return layout
}

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
    const { library, addon } = plantInstalled('cpu', cache)
    useTools({})
    await expect(installNative({ cache, variant: 'cpu' })).resolves.toMatchObject({ fresh: false, library, addon })
  })

  it('wants nothing more where a library is installed that serves: with CUDA also without a GPU', async () => {
    useTools({})
    vi.stubEnv('CUDA_VISIBLE_DEVICES', '')
    for (const variant of ['cuda', 'system-cuda', 'cpu'] as const) {
      const cache = newCache()
      plantInstalled(variant, cache)
      await expect(installNative({ cache })).resolves.toMatchObject({ fresh: false, variant })
    }
  })

  it.runIf(process.arch === 'x64')('wants one with CUDA where there is a GPU, and takes the one that is there', async () => {
    const cache = newCache()
    plantInstalled('cpu', cache)
    useTools({ 'nvidia-smi': 'echo Some Card', python3: noNetwork, 'g++': workingCompiler })
    vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined)
    const lines: string[] = []
    await expect(installNative({ cache, log: (line) => lines.push(line) })).rejects.toThrow('no connection')
    expect(lines[0]).toMatch(/^fetching TensorFlow \S+ \(cuda, /)
    plantInstalled('system-cuda', cache)
    await expect(installNative({ cache })).resolves.toMatchObject({ fresh: false, variant: 'system-cuda' })
  })

  it.runIf(process.arch === 'x64' && machineLacksCuda)('opens the CUDA libraries of the machine before it fetches anything for them', async () => {
    useTools({ python3: workingPython, 'g++': workingCompiler })
    vi.stubEnv('LD_LIBRARY_PATH', '/nowhere')
    const lines: string[] = []
    const set = installNative({ cache: newCache(), variant: 'system-cuda', log: (line) => lines.push(line) })
    await expect(set).rejects.toThrow(/wanted CUDA 12 and cuDNN 9 on this machine, got libraries that do not open: lib\w+\.so\.\d+.*\(cannot open/)
    await expect(set).rejects.toThrow('LD_LIBRARY_PATH')
    expect(lines).toEqual([])
  })
})
