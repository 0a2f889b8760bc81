import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { tryBackend } from './try-backend.js'

function program(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'trial-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'trial.mjs'), source)
  return join(folder, 'trial.mjs')
}

it('says by which signal a backend ended its process', async () => {
  const dies = program("process.kill(process.pid, 'SIGILL'); setTimeout(() => {}, 60000)")
  expect(await tryBackend('native-cpu', dies)).toEqual({ works: false, reason: 'its process ended by signal SIGILL' })
  const complains = program("console.error('F0000 Check failed'); process.kill(process.pid, 'SIGABRT'); setTimeout(() => {}, 60000)")
  expect(await tryBackend('cuda', complains)).toEqual({ works: false, reason: 'its process ended by signal SIGABRT: F0000 Check failed' })
})

it('lets TensorFlow speak where that is wanted', async () => {
  const talks = program(`console.error('Could not load libcudnn'); console.log(JSON.stringify({ works: true, milliseconds: 1, device: 'x' }))`)
  const written: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  onTestFinished(() => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  })
  await tryBackend('cuda', talks)
  expect(written.join('')).toBe('')
  vi.stubEnv('METRIC_LEARNING_TENSORFLOW_LOGS', '1')
  expect(await tryBackend('cuda', talks)).toMatchObject({ works: true })
  expect(written.join('')).toBe('cuda: Could not load libcudnn\n')
})
