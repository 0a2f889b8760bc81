import { fileURLToPath } from 'node:url'
import { spawnSync } from 'node:child_process'
import { ownFixtures } from '@metric-learning/golden'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'

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

it('never takes another one in its place', () => {
  const { status, stderr } = parity('--backend', 'cuda')
  expect(status).toBe(1)
  expect(stderr).toMatch(/^parity: useBackend\('cuda'\): wanted an NVIDIA GPU/)
  expect(parity('--backend', 'tpu').stderr).toContain('parity: no backend "tpu"')
  expect(parity('--backends', 'cuda').stderr).toContain('--backends')
})
