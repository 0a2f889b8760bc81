import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { nativeLayout } from '../install/native-layout.js'
import { diagnose } from './diagnose.js'
import type { BackendTrial } from './try-backend.js'

const works = (name: string): Promise<BackendTrial> =>
  Promise.resolve({ works: true, milliseconds: 12.34, device: name })
const worksButWasm = (name: string): Promise<BackendTrial> =>
  name === 'wasm' ? Promise.resolve({ works: false, reason: 'its file is missing' }) : works(name)

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A cache with the CUDA variant, of empty folders and files, on a machine with a card or without. */
function plantCuda(smi: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { library, addon, quietly, operations, neighbours } = nativeLayout('cuda', join(folder, 'cache'))
  mkdirSync(join(library, 'nvidia/cudnn/lib'), { recursive: true })
  mkdirSync(dirname(addon), { recursive: true })
  for (const file of [addon, quietly, operations, neighbours, join(library, 'nvidia/cudnn/lib/libcudnn.so.9')]) writeFileSync(file, '')
  writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\n${smi}\n`, { mode: 0o755 })
  vi.stubEnv('METRIC_LEARNING_CACHE', join(folder, 'cache'))
  vi.stubEnv('PATH', `${folder}:${process.env.PATH ?? ''}`)
  vi.stubEnv('LD_LIBRARY_PATH', '/nowhere')
  vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined)
  return library
}

it.runIf(process.platform === 'linux')('opens CUDA libraries: that their folder is there is not enough', async () => {
  const library = plantCuda('echo Some Card')
  const { findings, healthy } = await diagnose(process.cwd(), works)
  const cuda = findings.find(({ name }) => name === 'CUDA libraries')!
  expect(cuda).toMatchObject({ status: 'broken', fix: expect.stringContaining(`Remove ${library}`) as string })
  expect(cuda.detail).toMatch(/^installed, but \d of 7 do not open: .*libcudnn\.so\.9 \(file too short\)$/)
  expect(healthy).toBe(false)
})

it.runIf(process.platform === 'linux')('does not call CUDA libraries broken where there is no GPU for them', async () => {
  plantCuda('exit 9')
  const { findings } = await diagnose(process.cwd(), works)
  expect(findings.find(({ name }) => name === 'CUDA libraries')).toMatchObject({ status: 'absent', detail: expect.stringMatching(/of no use without a GPU$/) as string })
  expect(findings.find(({ name }) => name === 'native-cpu')).toMatchObject({ status: 'ok' })
})

it('finds what a fresh checkout lacks, and that wasm will do', async () => {
  vi.stubEnv('METRIC_LEARNING_CACHE', '/there/is/no/such/cache')
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '')
  const { findings, auto, healthy } = await diagnose(process.cwd(), works)
  const finding = (name: string) => findings.find((candidate) => candidate.name === name)
  expect(finding('Node')).toMatchObject({ status: 'ok', detail: process.versions.node })
  expect(finding('TensorFlow.js')).toMatchObject({ status: 'ok', detail: '4.22.0, one copy' })
  expect(finding('libtensorflow')).toMatchObject({ status: 'missing', detail: 'not in /there/is/no/such/cache' })
  expect(finding('libtensorflow')?.fix).toContain('npm run setup')
  expect(finding('native-cpu')?.status).toBe('absent')
  expect(finding('cuda')?.status).toBe('absent')
  expect(finding('wasm')?.detail).toContain('12.3 ms')
  expect({ auto, healthy }).toEqual({ auto: 'wasm', healthy: true })

  const broken = await diagnose(process.cwd(), worksButWasm)
  expect(broken.findings.find(({ name }) => name === 'wasm')).toMatchObject({ status: 'broken', detail: 'its file is missing' })
  expect(broken).toMatchObject({ auto: 'cpu', healthy: false })
})
