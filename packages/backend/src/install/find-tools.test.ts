import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findCompiler, findPython } from './find-tools.js'

/** An empty folder for the length of a test. */
function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), name))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An environment whose PATH holds nothing but the given programs, which exit as told. */
function withPrograms(programs: Record<string, string>): NodeJS.ProcessEnv {
  const folder = temporaryFolder('programs-')
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  }
  return { PATH: folder }
}

const aptGet = 'sudo apt-get install python3 python3-pip g++'

describe('findPython', () => {
  it('takes the first that is recent and has pip', async () => {
    const tooOld = 'exit 1'
    await expect(findPython(withPrograms({ python3: 'exit 0' }))).resolves.toBe('python3')
    await expect(findPython(withPrograms({ python3: tooOld, python: 'exit 0' }))).resolves.toBe('python')
  })

  it('says when there is none, or none with pip', async () => {
    await expect(findPython(withPrograms({}))).rejects.toThrow('got no `python3` on the PATH')
    await expect(findPython(withPrograms({}))).rejects.toThrow(aptGet)
    const withoutPip = withPrograms({ python3: '[ "$1" != -m ]' })
    await expect(findPython(withoutPip)).rejects.toThrow('wanted pip')
    await expect(findPython(withoutPip)).rejects.toThrow(aptGet)
  })
})

describe('findCompiler', () => {
  it('takes $CXX, g++ or clang++', async () => {
    const both = withPrograms({ 'g++': 'exit 0', 'clang++': 'exit 0', 'my-c++': 'exit 0' })
    await expect(findCompiler({ ...both, CXX: 'my-c++' })).resolves.toBe('my-c++')
    await expect(findCompiler(both)).resolves.toBe('g++')
    await expect(findCompiler(withPrograms({ 'clang++': 'exit 0' }))).resolves.toBe('clang++')
  })

  it('says when there is none', async () => {
    await expect(findCompiler(withPrograms({}))).rejects.toThrow('got no `g++` and no `clang++` on the PATH')
    await expect(findCompiler({ ...withPrograms({ 'g++': '' }), CXX: 'icc' })).rejects.toThrow('got no `icc`')
    await expect(findCompiler(withPrograms({}))).rejects.toThrow(aptGet)
  })
})
