import { fileURLToPath } from 'node:url'
import { spawnSync } from 'node:child_process'
import { cacheFolder, nativeIsInstalled } from '@metric-learning/backend'
import { ownFixtures } from '@metric-learning/golden'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'

const program = fileURLToPath(new URL('./main.ts', import.meta.url))

/** Runs the command from its sources, on a machine without a GPU. */
function parity(...args: string[]) {
  const node = ['--import', import.meta.resolve('tsx'), '--conditions=@metric-learning/source', program]
  return spawnSync(process.execPath, [...node, ...args], { encoding: 'utf8', env: { ...process.env, CUDA_VISIBLE_DEVICES: '' } })
}

it('runs on the backend that is asked for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parity-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync(join(ownFixtures, 'regularizers.json'), join(folder, 'regularizers.json'))
  const { status, stdout } = parity(folder, '--backend', 'wasm')
  expect(stdout).toMatch(/^Backend: wasm/)
  expect(stdout.trim()).toMatch(/\d+ passed, 0 failed, \d+ skipped$/)
  expect(status).toBe(0)
})

it.runIf(nativeIsInstalled())('says what is wrong with the native one that is installed, and takes plain JavaScript where none is', () => {
  const cache = mkdtempSync(join(tmpdir(), 'parity-'))
  onTestFinished(() => rmSync(cache, { recursive: true }))
  const installed = cacheFolder()
  vi.stubEnv('METRIC_LEARNING_CACHE', cache)
  onTestFinished(() => void vi.unstubAllEnvs())
  cpSync(join(ownFixtures, 'regularizers.json'), join(cache, 'regularizers.json'))
  expect(parity(cache).stdout).toMatch(/^Backend: cpu/)
  for (const part of readdirSync(installed).filter((name) => /^(libtensorflow|tfjs-binding)-/.test(name))) {
    mkdirSync(join(cache, part))
    for (const addon of readdirSync(join(installed, part)).filter((name) => name.endsWith('.node'))) writeFileSync(join(cache, part, addon), 'no addon')
  }
  const { status, stderr, stdout } = parity(cache)
  expect(stderr).toMatch(/^parity: native backend: wanted to load .*\.node, got /)
  expect(stdout).toBe('')
  expect(status).toBe(1)
})

it('never takes another one in its place', () => {
  const { status, stderr } = parity('--backend', 'cuda')
  expect(status).toBe(1)
  expect(stderr).toMatch(/^parity: useBackend\('cuda'\): wanted an NVIDIA GPU/)
  expect(parity('--backend', 'tpu').stderr).toContain('parity: no backend "tpu"')
  expect(parity('--backends', 'cuda').stderr).toContain('--backends')
})
