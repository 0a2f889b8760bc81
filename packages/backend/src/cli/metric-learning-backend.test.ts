import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { firstInstalled } from '../install/native-layout.js'
import { runCommand } from '../install/run-command.js'

const program = fileURLToPath(new URL('./metric-learning-backend.ts', import.meta.url))

/** Runs the command from its sources, with an empty cache and no tools on the PATH. */
function run(...args: string[]) {
  const cache = mkdtempSync(join(tmpdir(), 'cache-'))
  onTestFinished(() => rmSync(cache, { recursive: true, force: true }))
  return runIn(cache, '/there/are/no/tools', ...args)
}

function runIn(cache: string, path: string | undefined, ...args: string[]) {
  const node = ['--import', import.meta.resolve('tsx'), '--conditions=@metric-learning/source', program]
  const env = { ...process.env, METRIC_LEARNING_CACHE: cache, PATH: path, CXX: undefined }
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

  it.runIf(firstInstalled(['cpu']))('says where it is when there is nothing to do, and with --quiet nothing', async () => {
    const { cache } = firstInstalled(['cpu'])!
    const done = await runIn(cache, process.env.PATH, 'install', '--cpu')
    expect(done).toMatchObject({ code: 0, output: expect.stringMatching(/^set-up: native TensorFlow is there already, in .*\n$/) as string })
    expect(await runIn(cache, process.env.PATH, 'install', '--cpu', '--quiet')).toMatchObject({ code: 0, output: '' })
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
