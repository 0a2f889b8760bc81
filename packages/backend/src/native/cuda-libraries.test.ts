import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { runCommand } from '../install/run-command.js'
import { closedCudaLibraries, closedLibraries, CUDA_LIBRARIES, listClosed } from './cuda-libraries.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cuda-libraries-'))
  return () => rmSync(folder, { recursive: true })
})

/** Those of the machine would be opened in place of missing ones. */
const machineHasNone = (await closedCudaLibraries(undefined, { PATH: process.env.PATH })).length === Object.keys(CUDA_LIBRARIES).length
const hasCompiler = (await runCommand('g++', ['--version'])).code === 0
const names = Object.keys(CUDA_LIBRARIES) as (keyof typeof CUDA_LIBRARIES)[]

/** A shared library of no functions, or of some C++. */
async function library(name = 'empty.so', source = ''): Promise<string> {
  const [file, code] = [join(folder, name), join(folder, `${name}.cc`)]
  writeFileSync(code, source)
  expect(await runCommand('g++', ['-shared', '-fPIC', '-o', file, code])).toMatchObject({ code: 0 })
  return file
}

/** The folder of a TensorFlow with NVIDIA's wheels, in which some libraries are a given file. */
function wheels(file: string, present = names): string {
  for (const name of present) {
    const place = join(folder, 'library/nvidia', CUDA_LIBRARIES[name], 'lib', name)
    mkdirSync(dirname(place), { recursive: true })
    copyFileSync(file, place)
  }
  return join(folder, 'library')
}

/** Without what this machine may have. */
const bare = { PATH: process.env.PATH }

describe.runIf(process.platform === 'linux' && hasCompiler && machineHasNone)('closedCudaLibraries', () => {
  it('is none where all that TensorFlow opens can be opened', async () => {
    expect(await closedCudaLibraries(wheels(await library()), bare)).toEqual([])
  })

  it('names those that are not there, that are no libraries, and that end the process', async () => {
    const place = wheels(await library(), names.slice(0, 6))
    writeFileSync(join(place, 'nvidia/cufft/lib/libcufft.so.11'), 'no library at all, however long this text may be')
    const fatal = await library('fatal.so', '#include <cstdlib>\nstatic int never = (std::abort(), 0);')
    copyFileSync(fatal, join(place, 'nvidia/cusparse/lib/libcusparse.so.12'))
    const closed = await closedCudaLibraries(place, bare)
    expect(closed.map(({ name }) => name)).toEqual(['libcufft.so.11', 'libcusparse.so.12', 'libcudnn.so.9'])
    expect(closed[0]!.reason).toMatch(/invalid ELF header|file too short/)
    expect(closed[1]!.reason).toContain('signal SIGABRT')
    expect(listClosed(closed.slice(2))).toBe('libcudnn.so.9 (cannot open shared object file: No such file or directory)')
    expect(listClosed([{ name: 'a', reason: 'gone' }, { name: 'b', reason: 'odd' }, { name: 'c', reason: 'gone' }])).toBe('a, c (gone); b (odd)')
  })

  it('are those of the machine where the wheels are not there, by the path of the loader', async () => {
    const empty = await library()
    for (const name of names) copyFileSync(empty, join(folder, name))
    expect(await closedCudaLibraries(undefined, { ...bare, LD_LIBRARY_PATH: folder })).toEqual([])
    // Of another major version, they have other names.
    expect(await closedCudaLibraries(undefined, { ...bare, LD_LIBRARY_PATH: '/nowhere' })).toHaveLength(7)
  })

  it('keeps libraries open for those that need them', async () => {
    const first = join(folder, 'libfirst.so.1')
    writeFileSync(join(folder, 'first.cc'), 'extern "C" int first() { return 1; }')
    writeFileSync(join(folder, 'second.cc'), 'extern "C" int first(); extern "C" int second() { return first(); }')
    await runCommand('g++', ['-shared', '-fPIC', '-Wl,-soname,libfirst.so.1', '-o', first, join(folder, 'first.cc')])
    await runCommand('g++', ['-shared', '-fPIC', '-o', join(folder, 'second.so'), join(folder, 'second.cc'), first])
    expect(await closedLibraries([join(folder, 'second.so')], bare)).toHaveLength(1)
    expect(await closedLibraries([first, join(folder, 'second.so')], bare)).toEqual([])
  })
})

it('the wheel for CUDA of the machine is the one that comes with NVIDIA\'s', () => {
  const [own, all] = ['system-cuda', 'cuda'].map((name) => readFileSync(fileURLToPath(new URL(`../../requirements/${name}-x64.txt`, import.meta.url)), 'utf8'))
  const pins = own!.split('\n').filter((line) => !line.startsWith('#')).join('\n').trim()
  expect(pins).toMatch(/^tensorflow==[\d.]+ \\\n {4}--hash=sha256:[0-9a-f]{64}$/)
  expect(all).toContain(pins)
})
