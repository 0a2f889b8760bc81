import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCommand } from '../install/run-command.js'

const program = fileURLToPath(new URL('./metric-learning-backend.ts', import.meta.url))

/** Runs the command from its sources, with an empty cache and no tools on the PATH. */
function run(...args: string[]) {
  const cache = mkdtempSync(join(tmpdir(), 'cache-'))
  onTestFinished(() => rmSync(cache, { recursive: true, force: true }))
  const node = ['--import', import.meta.resolve('tsx'), '--conditions=@metric-learning/source', program]
  const env = { ...process.env, METRIC_LEARNING_CACHE: cache, PATH: '/there/are/no/tools', CXX: undefined }
  return runCommand(process.execPath, [...node, ...args], { env })
}

describe('metric-learning-backend install', () => {
  it.runIf(process.platform === 'linux')('says in two lines what is missing and what is used instead, and fails', async () => {
    const { code, output } = await run('install', '--cpu')
    expect(code).toBe(1)
    expect(output.trim().split('\n')).toEqual([
      expect.stringMatching(/^native set-up: wanted Python .*got no `python3` on the PATH\. .*apt-get install/),
      expect.stringContaining('going on with the wasm backend'),
    ])
  })

  it('refuses options that do not exist or exclude each other', async () => {
    const unknown = await run('install', '--gpu')
    expect(unknown.code).toBe(1)
    expect(unknown.output).toContain("unknown option '--gpu'")
    const both = await run('install', '--cuda', '--cpu')
    expect(both.code).toBe(1)
    expect(both.output).toContain('cannot be used with')
  })
})
